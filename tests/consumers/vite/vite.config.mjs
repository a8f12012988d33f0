export default { ssr: { noExternal: true }, build: { target: "node20", minify: true }, logLevel: "error" };
