// Answers the define() of an AMD module that is bundled without a loader.
export function define(dependencies, factory) {
  define.module = { dependencies, factory };
}
