() => {
  // A line's box may reach a little into the next one's without letters touching.
  const NEAR = 1, TOUCHING = 4;
  const faults = [], boxes = [];
  const wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) faults.push(`the page is ${wide} px wide in a window of ${innerWidth} px`);

  const holder = (element) => {
    for (let e = element; e; e = e.parentElement) if (getComputedStyle(e).overflowX !== "visible") return e;
    return null;
  };
  const add = (element, rect, said, node) => {
    if (rect.width < 1 || rect.height < 1) return;
    const own = holder(element);
    const scrolls = own && /auto|scroll/.test(getComputedStyle(own).overflowX);
    const edge = own ? own.getBoundingClientRect() : { left: 0, right: innerWidth };
    const out = rect.left < edge.left - NEAR || rect.right > edge.right + NEAR;
    if (out && scrolls && own.tabIndex < 0) faults.push(`"${said}" can't be scrolled to by keyboard`);
    if (out && !scrolls) faults.push(`"${said}" is cut`);
    if (!out) boxes.push({ rect, said, node });
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) add(element, rect, node.data.trim(), node);
  }
  for (const element of document.querySelectorAll("select, input, button, .track"))
    if (element.checkVisibility())
      add(element, element.getBoundingClientRect(), element.className || element.tagName, element.firstChild);

  boxes.sort((a, b) => a.rect.top - b.rect.top);
  boxes.forEach(({ rect, said, node }, i) => {
    for (let j = i + 1; j < boxes.length && boxes[j].rect.top < rect.bottom - TOUCHING; j++) {
      const other = boxes[j].rect;
      if (boxes[j].node === node) continue;
      const across = Math.min(rect.right, other.right) - Math.max(rect.left, other.left);
      const down = Math.min(rect.bottom, other.bottom) - Math.max(rect.top, other.top);
      if (across > NEAR && down > TOUCHING) faults.push(`"${said}" lies over "${boxes[j].said}"`);
    }
  });
  return faults;
}
