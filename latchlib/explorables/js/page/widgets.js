// Widgets on a built page: no kernel, no network, no loader. Reads the state that the page carries,
// makes the models, and puts the views where the page asks for them.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import controlsCss from "@jupyter-widgets/controls/css/widgets.built.css";
import { Widget } from "@lumino/widgets";
import "anywidget";
import { define } from "./amd.js";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
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

// Stock widgets typeset their labels with the interface of MathJax 2.
function answerForMathJax2() {
  const queue = (...jobs) => jobs.forEach((job) => {
    if (Array.isArray(job) && job[0] === "Typeset") {
      window.MathJax?.startup?.promise?.then(() => window.MathJax.typesetPromise([job[2]]));
    }
  });
  window.MathJax ??= {};
  window.MathJax.Hub ??= { Queue: queue, Config() {}, Configured() {} };
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
  const states = [...document.querySelectorAll(STATE)];
  const places = [...document.querySelectorAll(VIEW)];
  if (!states.length || !places.length) return;
  answerForMathJax2();
  document.head.append(Object.assign(document.createElement("style"), { textContent: controlsCss }));
  const manager = new PageManager();
  for (const script of states) await manager.set_state(JSON.parse(script.textContent));
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
  document.documentElement.dataset.widgets = "ready";
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
