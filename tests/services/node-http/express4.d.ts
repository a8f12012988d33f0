/** Express 4 is used as Express 5 is, whose types are installed. */
declare module "express4" {
  export { default } from "express";
}
