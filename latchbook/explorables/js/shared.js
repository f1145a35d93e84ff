// The part of every explorable that a reader loads once for all of them.
export * from "./common.js";
export * from "./phase.js";
export { scaleLinear, scaleLog, scalePoint } from "d3-scale";
