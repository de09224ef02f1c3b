  const WEAK = 0.1, NORMAL_95 = 1.959963984540054;

  const make = (tag, text = "", className = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const side = (value) => (value > 0 ? "plus" : value < 0 ? "minus" : "none");
  const sign = (share, least = WEAK) => (Math.abs(share) < least ? "none" : side(share));
  const shade = (share, least = WEAK) => (Math.abs(share) < least ? 0 : 0.12 + 0.58 * Math.abs(share)).toFixed(2);
  const recolour = (root, palette) => {
    root.dataset.palette = palette;
    for (const hue of root.querySelectorAll(".hue")) hue.textContent = hue.getAttribute(`data-${palette}`);
  };
  const signed = (value, digits = 2) => {
    const size = Math.abs(value).toFixed(digits);
    return (value < 0 && Number(size) !== 0 ? "-" : "+") + size;
  };
  const percent = (value) => {
    if (value === null) return "-";
    if (value === 0 || value === 1) return `${100 * value} %`;
    if (value > 0 && value < 1e-4) return "< 0.01 %";
    if (value > 0.9999 && value < 1) return "> 99.99 %";
    return `${(100 * value).toFixed(value < 0.01 || value > 0.99 ? 2 : 1)} %`;
  };
