/** Express 4 has no types here. The parts that are used have the types of Express 5. */
declare module "express4" {
  export { default } from "express";
}
