// No page of ours makes HTML from text. A library may empty an element, and nothing more: all else the browser refuses.
if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (text) => (text === "" ? "" : null) });
}
