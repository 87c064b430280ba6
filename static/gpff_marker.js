// The line at the frame that is shown, over the plots of the Trajectories page: an element of its own, because a chart
// whose figure changes is made anew by Streamlit, which flickers and forgets the zoom.

import { component } from "./component.js";

const RETRY = 150; // ms between looks for a chart that is still loading

function line(chart) {
  let found = chart.querySelector(":scope > .gpff-marker");
  if (!found) {
    found = document.createElement("div");
    found.className = "gpff-marker";
    found.style.cssText = "position:absolute; width:0; border-left:1.5px dotted #7a8a92; pointer-events:none; z-index:5";
    chart.style.position = "relative";
    chart.append(found);
    for (const event of ["plotly_afterplot", "plotly_relayout"]) chart.on(event, () => place(chart));
  }
  return found;
}

function place(chart) {
  const { _size: size, xaxis } = chart._fullLayout;
  const x = xaxis.d2p(chart.gpffFrame);
  const inside = x >= 0 && x <= xaxis._length;
  Object.assign(line(chart).style, {
    display: inside ? "block" : "none",
    left: `${size.l + x}px`,
    top: `${size.t}px`,
    height: `${size.h}px`,
  });
}

class Marker {
  update(data) {
    clearTimeout(this.retry);
    const chart = document.querySelector(`.${data.chart} .js-plotly-plot`);
    if (chart?._fullLayout?.xaxis) {
      chart.gpffFrame = data.frame;
      place(chart);
    } else this.retry = setTimeout(() => this.update(data), RETRY);
  }

  destroy() {
    clearTimeout(this.retry);
  }
}

export default component(() => new Marker());
