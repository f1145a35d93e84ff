// The widget manager of a built page with stock widgets: no kernel, no network. Takes the state that
// loader.js has loaded, makes the models, and puts the views where the page asks for them.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import controlsCss from "@jupyter-widgets/controls/css/widgets.built.css";
import { Widget } from "@lumino/widgets";
import "anywidget";
import { define } from "./amd.js";

const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

const modules = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  anywidget: define.module.factory(base),
};

class PageManager extends ManagerBase {
  async loadClass(className, moduleName) {
    const found = modules[moduleName]?.[className];
    if (!found) throw new Error(`this page has no widget ${moduleName}.${className}`);
    return found;
  }

  // There is no kernel to speak to.
  async _create_comm() { throw new Error("a built page has no kernel"); }

  async _get_comm_info() { return {}; }

  async show(model, host) {
    const view = await this.create_view(model);
    Widget.attach(view.luminoWidget, host);
  }
}

// Stock widgets typeset their labels with the interface of MathJax 2. The text of a page is typeset
// when the book is built, so MathJax itself is loaded for the first label that holds TeX.
const HAS_TEX = /\$|\\[([]/;
const mathjax = new URL("mathjax/tex-chtml.js", document.currentScript.src).href;

function answerForMathJax2() {
  let typeset;
  const Queue = (...jobs) => jobs.forEach((job) => {
    if (!Array.isArray(job) || job[0] !== "Typeset" || !HAS_TEX.test(job[2].textContent)) return;
    typeset ??= loadMathJax();
    typeset.then(() => window.MathJax.typesetPromise([job[2]])).catch(console.error);
  });
  window.MathJax = {
    Hub: { Queue, Config() {}, Configured() {} },
    startup: { typeset: false },
    tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]] },
  };
}

function loadMathJax() {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: mathjax });
    script.onload = () => window.MathJax.startup.promise.then(resolve, reject);
    script.onerror = () => reject(new Error(`${mathjax} cannot be loaded`));
    document.head.append(script);
  });
}

// A stock slider says its value but not its name.
function nameSliders(host) {
  for (const slider of host.querySelectorAll(".widget-slider, .widget-hslider, .widget-vslider")) {
    const label = slider.querySelector(".widget-label")?.textContent.trim();
    for (const handle of slider.querySelectorAll("[role=slider]")) {
      if (label && !handle.hasAttribute("aria-label")) handle.setAttribute("aria-label", label);
    }
  }
}

async function start() {
  const places = [...document.querySelectorAll(VIEW)];
  answerForMathJax2();
  document.head.append(Object.assign(document.createElement("style"), { textContent: controlsCss }));
  const manager = new PageManager();
  for (const state of globalThis.latchStates) await manager.set_state(state);
  for (const script of places) {
    const { model_id: id } = JSON.parse(script.textContent);
    const host = document.createElement("div");
    host.className = "widget-host";
    script.after(host);
    try {
      await manager.show(await manager.get_model(id), host);
      nameSliders(host);
      // The picture stood in for the widget until now.
      script.closest(".cell_output, .output")?.querySelectorAll(".explorable-static")
        .forEach((picture) => { picture.hidden = true; });
    } catch (error) {
      host.remove();
      console.error(error);
    }
  }
}

globalThis.latchWidgets = start();
