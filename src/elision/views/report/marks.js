  const RED = "214,60,50", BLUE = "45,105,200", LEAST = 0.02, NORMAL_95 = 1.959963984540054;

  const make = (tag, text = "", className = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const sign = (share) => (Math.abs(share) < LEAST ? "none" : share > 0 ? "plus" : "minus");
  const paper = (share) => {
    const alpha = Math.abs(share) < LEAST ? 0 : 0.12 + 0.58 * Math.abs(share);
    return `rgba(${share > 0 ? RED : BLUE},${alpha.toFixed(2)})`;
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
