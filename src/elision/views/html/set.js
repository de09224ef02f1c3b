"use strict";
(() => {
  /* marks.js */
  const PER_PAGE = 25, WORDS = 300, OPENED = 10000, LONGEST = 500;

  const cut = (text, longest = LONGEST) =>
    text.length <= longest ? text : `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}…`;
  const count = (value) => value.toLocaleString("en-US");
  const isolated = (text, tag = "bdi") => make(tag, text);

  class Item {
    constructor(row, place, told) {
      [this.texts, this.lengths, this.scores, this.spread, this.likely, this.target, this.kind, this.answers,
        this.label, this.surprise, this.notes, this.sets, this.digits] = row;
      this.place = place;
      this.told = told;
      this.own = told.kinds[this.kind];
      this.digits ??= this.own.signed ? 2 : 3;
    }

    get predicted() { return this.answers[0]; }
    get labelled() { return !this.own.scoring && this.label >= 0; }
    get wrong() { return this.labelled && this.label !== this.predicted; }
    name(i) { return this.told.classes[i]; }
    number(value) { return this.own.signed ? signed(value, this.digits) : value.toFixed(this.digits); }
    answer(value) { return this.own.scoring ? value.toFixed(this.digits) : percent(value); }

    value(own) {
      for (let i = 0; i < this.answers.length; i += 2) if (this.answers[i] === own) return this.answers[i + 1];
      return null;
    }

    words() {
      if (this.known) return this.known;
      this.known = [];
      this.texts.forEach((text, segment) => {
        let at = 0;
        for (let i = 0; i < this.lengths[segment].length; i += 2) {
          const start = at + this.lengths[segment][i];
          const end = start + this.lengths[segment][i + 1];
          this.known.push({ segment, before: text.slice(at, start), text: text.slice(start, end), end });
          at = end;
        }
      });
      return this.known;
    }

    ends(i) {
      if (!this.spread) return null;
      if (Array.isArray(this.spread[0])) return [this.spread[0][i], this.spread[1][i]];
      return [-1, 1].map((side) => this.scores[i] + side * NORMAL_95 * this.spread[i]);
    }

    interval(i) {
      if (!this.spread) return "";
      if (Array.isArray(this.spread[0])) return `[${this.ends(i).map((end) => this.number(end)).join(", ")}]`;
      return `± ${this.spread[i].toFixed(this.digits)}`;
    }

    marks(i) { return Object.keys(this.told.marks).filter((_, kind) => this.sets && this.sets[kind].includes(i)); }

    strongest() { return this.scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0); }
  }

  const facts = (item) => {
    const line = make("p", "", "facts");
    const say = (kind, ...parts) => {
      const span = make(kind === "error" ? "strong" : "span", "", kind);
      span.append(...parts);
      line.append(span);
    };
    const classed = (i) => [isolated(item.name(i)), ` ${item.answer(item.value(i))}`];
    say("place", String(item.place + 1));
    say("predicted", ...classed(item.predicted));
    if (item.labelled) say("label", "label ", ...classed(item.label));
    else if (Array.isArray(item.label)) say("label", `label ${item.answer(item.label[0])}`);
    if (item.wrong) say("error", "✗ error");
    if (item.target !== item.predicted) say("explained", "explained ", ...classed(item.target));
    if (item.told.kinds.length > 1) say("kind", item.own.said);
    return line;
  };

  const over = (marks, word) => marks.reduce((inner, mark, i) => {
    const line = make("span", "", `over ${mark}${i ? " outer" : ""}`);
    line.append(inner);
    return line;
  }, word);

  const strip = (item, segment, most) => {
    const line = make("p", "", item.sets ? "strip lined" : "strip"), largest = item.strongest() || 1, text = item.texts[segment];
    const own = item.words().map((word, i) => [word, i]).filter(([word]) => word.segment === segment);
    for (const [word, i] of own.slice(0, most)) {
      const share = item.scores[i] / largest, span = make("span", cut(word.text), `word ${sign(share)}`);
      span.style.setProperty("--shade", shade(share));
      const bounds = item.interval(i);
      const marks = item.marks(i), means = marks.map((mark) => `, ${item.told.marks[mark]}`).join("");
      span.title = `${item.number(item.scores[i])} ${item.own.unit}`.trimEnd() + (bounds && ` (${bounds})`) + means;
      line.append(cut(word.before), over(marks, span));
    }
    if (own.length > most) line.append(make("span", ` … ${count(own.length - most)} more words`, "rest"));
    else line.append(cut(text.slice(own.at(-1)?.[0].end ?? 0)));
    // Set earlier, the direction is found anew for each word that is added.
    line.dir = "auto";
    return line;
  };

  const because = (item, order) => {
    const word = (i) => {
      const bold = make("b");
      bold.append(isolated(cut(item.words()[i].text, 60)));
      return bold;
    };
    if (order === "tie" && !item.own.scoring) {
      const [first, p, second, q] = item.answers;
      if (second === undefined) return [];
      return [isolated(item.name(first)), ` ${percent(p)}, `, isolated(item.name(second)), ` ${percent(q)}`];
    }
    if (order === "wide" && item.spread && item.scores.length) {
      const halves = item.scores.map((_, i) => (item.ends(i)[1] - item.ends(i)[0]) / 2);
      const i = halves.reduce((best, half, j) => (half > halves[best] ? j : best), 0);
      const digits = item.own.scoring ? item.digits : 2, strongest = item.strongest().toFixed(digits);
      return ["widest interval: ", word(i), ` ± ${halves[i].toFixed(digits)}; the strongest score is ${strongest}`];
    }
    if (order === "surprising" && item.surprise) {
      const [i, elsewhere, times] = item.surprise;
      const said = `${item.number(item.scores[i])} here, ${item.number(elsewhere)} on average elsewhere`;
      return [word(i), `: ${said} (${count(times)} times)`];
    }
    return [];
  };

  const bars = (item, i, low, width) => {
    const track = make("span", "", "track"), score = item.scores[i], ends = item.ends(i);
    const place = (kind, from, to) => {
      const bar = make("i", "", kind);
      bar.style.left = `${(100 * (from - low)) / width}%`;
      bar.style.width = `${(100 * (to - from)) / width}%`;
      track.append(bar);
    };
    place(`bar ${side(score)}`, Math.min(score, 0), Math.max(score, 0));
    if (ends) place("reach", ...ends);
    track.setAttribute("aria-hidden", "true");
    return track;
  };

  const scores = (item) => {
    const words = item.words(), pair = item.texts.length > 1;
    const order = words.map((_, i) => i);
    if (order.length > WORDS)
      order.sort((a, b) => Math.abs(item.scores[b]) - Math.abs(item.scores[a])).length = WORDS;
    const reached = order.flatMap((i) => [item.scores[i], ...(item.ends(i) ?? [])]);
    const low = Math.min(0, ...reached), width = Math.max(0, ...reached) - low || 1;
    const table = make("table", "", "scores"), head = make("tr"), body = make("tbody"), top = make("thead");
    const titles = ["word", "", "score"];
    if (pair) titles.splice(1, 0, "text");
    if (item.spread) titles.push(Array.isArray(item.spread[0]) ? "bounds" : "error");
    if (item.likely) titles.push("likelihood");
    for (const title of titles) {
      const cell = make(title ? "th" : "td", title, !title ? "bars" : title === "word" || title === "text" ? "name" : "");
      if (title) cell.scope = "col";
      head.append(cell);
    }
    for (const i of order) {
      const row = make("tr"), name = make("th"), bar = make("td");
      name.scope = "row";
      name.append(isolated(cut(words[i].text, 60)));
      bar.append(bars(item, i, low, width));
      row.append(name, ...(pair ? [make("td", String(words[i].segment + 1))] : []), bar);
      row.append(make("td", item.number(item.scores[i]), "score"));
      if (item.spread) row.append(make("td", item.interval(i), "interval"));
      if (item.likely) row.append(make("td", percent(item.likely[i])));
      body.append(row);
    }
    const more = words.length > WORDS ? `; the ${WORDS} strongest of ${count(words.length)} words` : "";
    const target = item.name(item.target), named = target === "score" ? "the score" : target;
    const signs = item.own.scoring ? `: + raises ${named}, - lowers it` : `: + for ${target}, - against it`;
    const sense = item.own.signed ? signs : ` for ${target}`;
    table.style.setProperty("--zero", `${(100 * -low) / width}%`);
    top.append(head);
    table.append(make("caption", `${item.own.title}${sense}${more}`), top, body);
    const wide = make("div", "", "wide");
    wide.tabIndex = 0;
    wide.setAttribute("role", "group");
    wide.setAttribute("aria-label", "scores");
    wide.append(table);
    return wide;
  };

  const fold = (item) => {
    const made = make("details"), name = make("summary", `Scores of ${count(item.scores.length)} words`);
    made.append(name);
    made.addEventListener("toggle", () => {
      if (!made.open || made.children.length > 1) return;
      const long = item.lengths.some((lengths) => lengths.length > 2 * WORDS);
      if (long) made.append(...item.texts.map((_, segment) => strip(item, segment, OPENED)));
      made.append(scores(item));
    });
    return made;
  };

  const entry = (item, order) => {
    const made = make("li", "", "entry"), why = because(item, order);
    made.dataset.item = item.place;
    made.append(facts(item), ...item.texts.map((_, segment) => strip(item, segment, WORDS)));
    if (why.length) {
      const line = make("p", "", "why");
      line.append(...why);
      made.append(line);
    }
    for (const note of item.notes) made.append(make("p", `Note: ${item.told.notes[note]}`, "note"));
    made.append(fold(item));
    return made;
  };

  const folded = (text) => text.normalize("NFC").toLowerCase();

  class List {
    constructor(section, items, told) {
      this.items = items;
      this.told = told;
      this.searched = items.map((item) => folded(item.texts.join("\n")));
      this.controls = section.querySelector(".controls");
      this.status = section.querySelector(".found");
      this.place = section.querySelector(".entries");
      this.pages = [...section.querySelectorAll(".pages")];
      this.page = 0;
      this.listen();
      for (const part of [this.controls, this.status, this.place, ...this.pages]) part.hidden = false;
      this.search();
    }

    listen() {
      this.controls.addEventListener("input", () => this.search());
      this.pages.forEach((nav) => {
        const turn = (to) => {
          this.turn(to);
          if (nav === this.pages.at(-1)) this.status.scrollIntoView();
        };
        nav.querySelector(".previous").addEventListener("click", () => turn(this.page - 1));
        nav.querySelector(".next").addEventListener("click", () => turn(this.page + 1));
        nav.querySelector("input").addEventListener("change", (event) => turn(Number(event.target.value) - 1));
      });
    }

    chosen(name) {
      const control = this.controls.querySelector(`[name=${name}]`);
      if (!control) return "";
      return control.type === "checkbox" ? control.checked : control.value;
    }

    search() {
      const words = folded(this.chosen("search")).split(/\s+/).filter(Boolean);
      const predicted = this.chosen("predicted"), label = this.chosen("label"), kind = this.chosen("kind");
      const errors = this.chosen("errors"), [, places] = this.told.orders[this.chosen("order")] ?? [];
      this.shown = (places ?? this.items.map((_, place) => place)).filter((place) => {
        const item = this.items[place], text = this.searched[place];
        return (!errors || item.wrong) && (!predicted || (!item.own.scoring && item.name(item.predicted) === predicted))
          && (!label || (item.labelled && item.name(item.label) === label)) && (!kind || item.kind === Number(kind))
          && words.every((word) => text.includes(word));
      });
      this.turn(0);
    }

    turn(to) {
      const last = Math.max(Math.ceil(this.shown.length / PER_PAGE) - 1, 0);
      this.page = Math.min(Math.max(Math.trunc(to) || 0, 0), last);
      const start = this.page * PER_PAGE, shown = this.shown.slice(start, start + PER_PAGE);
      const order = this.chosen("order");
      this.place.replaceChildren(...shown.map((place) => entry(this.items[place], order)));
      const all = `${count(this.shown.length)} of ${count(this.items.length)} explanations`;
      const which = shown.length ? `: ${count(start + 1)} to ${count(start + shown.length)}` : "";
      this.status.textContent = `${all} found${which}`;
      for (const nav of this.pages) {
        const page = nav.querySelector("input");
        page.value = this.page + 1;
        page.max = last + 1;
        nav.querySelector("output").textContent = count(last + 1);
        nav.querySelector(".previous").setAttribute("aria-disabled", String(this.page === 0));
        nav.querySelector(".next").setAttribute("aria-disabled", String(this.page === last));
      }
    }
  }

  const root = document.querySelector(".elision-set");
  const told = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const items = told.items.map((row, place) => new Item(row, place, told));
  for (const made of root.querySelectorAll(".entry")) made.append(fold(items[made.dataset.item]));
  const colours = root.querySelector("[name=palette]");
  colours.closest(".controls").hidden = false;
  colours.addEventListener("input", () => recolour(root, colours.value));
  recolour(root, colours.value);
  new List(root.querySelector("#all"), items, told);
  addEventListener("beforeprint", () => { for (const part of root.querySelectorAll(".class, .reckoned")) part.open = true; });
})();
