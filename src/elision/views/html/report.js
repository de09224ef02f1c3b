"use strict";
(() => {
  /* marks.js */
  const CANDIDATES = 8, PROBABILITIES = ["classes", "labels"];
  const set = (element, kind) => {
    element.classList.remove("plus", "minus", "none");
    element.classList.add(kind);
  };

  class Section {
    constructor(element, state, said) {
      this.element = element;
      this.state = state;
      this.sentences = [...said.querySelectorAll(".sentence")];
      this.json = element.querySelector("script").textContent;
      this.found = JSON.parse(this.json);
      const finding = (kind) => this.found.findings.find((own) => own.kind === kind) ?? {};
      this.scored = finding("scores");
      this.others = finding("candidates").of_units ?? [];
      ({ signed: this.signed, unit: this.unit } = this.found.meaning);
      this.digits = Number(element.dataset.digits);
      this.scoring = !PROBABILITIES.includes(this.found.answer.kind);
      this.words = [...element.querySelectorAll(".word")];
      this.rows = [...element.querySelectorAll(".scores tbody tr")];
      this.panel = element.querySelector(".panel");
      this.meaning = element.querySelector(".meaning");
      this.sets = element.querySelector(".sets");
      this.listen();
      this.copying();
    }

    strongest() {
      return this.scored.scores.reduce((best, s, i, all) => (Math.abs(s) > Math.abs(all[best]) ? i : best), 0);
    }

    listen() {
      const unit = (event) => event.target.closest?.("[data-unit]")?.dataset.unit;
      const choose = (event) => { const i = unit(event); if (i !== undefined) this.state.choose(Number(i)); };
      for (const kind of ["mouseover", "focusin", "click"]) this.element.addEventListener(kind, choose);
      for (const strip of this.element.querySelectorAll(".strip")) {
        strip.setAttribute("role", "group");
        strip.setAttribute("aria-label", `${strip.dataset.name}: arrow keys move from word to word`);
        strip.addEventListener("keydown", (event) => this.move(event, strip));
      }
      for (const word of this.words) {
        word.removeAttribute("title");
        word.setAttribute("role", "button");
        word.tabIndex = -1;
      }
    }

    move(event, strip) {
      const right = getComputedStyle(strip).direction === "rtl" ? -1 : 1;
      const step = { ArrowRight: right, ArrowLeft: -right, ArrowDown: 1, ArrowUp: -1 }[event.key];
      const last = this.words.length - 1;
      const at = this.words.indexOf(event.target);
      const to = { Home: 0, End: last }[event.key] ?? (step && Math.min(Math.max(at + step, 0), last));
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      this.words[to].focus();
    }

    copying() {
      const line = this.element.querySelector(".copy"), said = line.querySelector("span");
      line.hidden = false;
      const button = line.querySelector("button");
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(this.json);
          said.textContent = "copied";
        } catch {
          const area = make("textarea", this.json);
          line.append(area);
          area.select();
          said.textContent = document.execCommand("copy") ? "copied" : "the browser does not let this page copy";
          area.remove();
          button.focus();
        }
      });
    }

    scores() {
      const { target, labels } = this.found;
      if (this.state.target === target) return this.scored.scores;
      return this.scored.class_scores?.[labels.indexOf(this.state.target)] ?? null;
    }

    // Of the target the explanation itself knows it, of another class the sentence on it.
    absent(i) {
      if (this.state.target === this.found.target) return this.scored.absent_values?.[i] ?? null;
      const said = this.sentences.find((one) => one.dataset.class === this.state.target)?.dataset.absent;
      if (said !== this.said) this.other = said === undefined ? null : JSON.parse(said);
      this.said = said;
      return this.other?.[i] ?? null;
    }

    whole(target = this.state.target) { return this.found.answer.values[this.found.labels.indexOf(target)]; }
    answer(value) { return this.scoring ? value.toFixed(this.digits) : percent(value); }
    change(p, whole = this.whole()) {
      return this.scoring ? signed(p - whole, this.digits) : `${signed(100 * (p - whole), 1)} points`;
    }
    // A score's change is the word's own score.
    without(p) { return this.scoring ? this.answer(p) : `${percent(p)}, ${this.change(p)}`; }

    ends(i) {
      const own = this.scored;
      if (this.state.target !== this.found.target) return null;
      if (own.std_error) return [-1, 1].map((side) => own.scores[i] + side * NORMAL_95 * own.std_error[i]);
      return own.lower && own.upper ? [own.lower[i], own.upper[i]] : null;
    }

    interval(i) {
      const own = this.scored;
      if (this.state.target !== this.found.target) return "";
      if (own.std_error) return `± ${own.std_error[i].toFixed(this.digits)}`;
      return own.lower && own.upper ? `[${this.number(own.lower[i])}, ${this.number(own.upper[i])}]` : "";
    }

    number(value) { return this.signed ? signed(value, this.digits) : value.toFixed(this.digits); }

    named(target) { return this.scoring && target === "score" ? "the score" : target; }
    sense(target) {
      if (!this.signed) return ` for ${target}`;
      return this.scoring ? `: + raises ${this.named(target)}, - lowers it` : `: + for ${target}, - against it`;
    }

    draw() {
      const { target, order, least } = this.state;
      const scores = this.scores();
      const unscored = this.element.querySelector(".unscored");
      unscored.hidden = scores !== null;
      unscored.textContent = `This method scored ${this.found.target} only.`;
      this.meaning.parentElement.hidden = scores === null;
      this.meaning.textContent = this.meaning.dataset.title + this.sense(target);
      this.values = scores ?? this.scored.scores.map(() => 0);
      // The sets are of the class that was explained.
      this.element.classList.toggle("other", target !== this.found.target);
      if (this.sets) this.sets.hidden = target !== this.found.target;
      for (const said of this.sentences) said.hidden = said.dataset.class !== target;
      for (const name of this.element.querySelectorAll(".key bdi")) name.textContent = this.named(target);
      const shades = this.element.querySelector(".key .legend");
      shades.textContent = shades.textContent.replace(/\d+ %/, `${least} %`);
      const largest = Math.max(...this.values.map(Math.abs), 1e-300);
      this.shares = this.values.map((value) => value / largest);
      const shown = this.shares.map((share) => scores !== null && Math.abs(share) * 100 >= least);
      for (const word of this.words) this.colour(word, Number(word.dataset.unit), shown);
      this.table(scores, shown, order);
    }

    colour(word, i, shown) {
      const share = shown[i] ? this.shares[i] : 0, p = this.absent(i);
      word.style.setProperty("--shade", shade(share, 0.005));
      set(word, sign(share, 0.005));
      const score = this.scores() === null ? "" : `, ${this.number(this.values[i])} ${this.unit}`.trimEnd();
      const absent = p === null || !score ? "" : `, without it ${this.without(p)}`;
      const sets = this.setOf(word), told = sets && `, ${sets}`;
      word.setAttribute("aria-label", `${this.found.units[i].text}${absent}${score}${told}`);
    }

    setOf(word) { return (this.state.target === this.found.target && word?.dataset.set) || ""; }

    table(scores, shown, order) {
      const ends = this.values.map((_, i) => this.ends(i));
      const reached = [0, ...this.values, ...ends.flatMap((pair) => pair ?? [])];
      const low = reached.reduce((a, b) => Math.min(a, b)), high = reached.reduce((a, b) => Math.max(a, b));
      const width = high - low || 1;
      const place = (element, from, to) => {
        element.style.left = `${(100 * (from - low)) / width}%`;
        element.style.width = `${(100 * (to - from)) / width}%`;
      };
      const key = { reading: (i) => i, size: (i) => -Math.abs(this.values[i]),
        for: (i) => -this.values[i], against: (i) => this.values[i] }[order];
      const body = this.rows[0]?.parentElement;
      if (!body) return;
      body.parentElement.style.setProperty("--zero", `${(100 * -low) / width}%`);
      for (const row of [...this.rows].sort((a, b) => key(a.dataset.unit) - key(b.dataset.unit))) {
        const i = Number(row.dataset.unit), value = this.values[i];
        row.hidden = scores !== null && !shown[i] && this.state.least > 100 * WEAK;
        const bar = row.querySelector(".bar"), reach = row.querySelector(".reach"), own = row.querySelector(".interval");
        place(bar, Math.min(value, 0), Math.max(value, 0));
        set(bar, side(value));
        if (reach) reach.hidden = ends[i] === null;
        if (reach && ends[i]) place(reach, ...ends[i]);
        row.querySelector(".score").textContent = scores === null ? "" : this.number(value);
        if (own) own.textContent = this.interval(i);
        const absent = row.querySelector(".without"), points = row.querySelector(".points"), p = this.absent(i);
        const told = p !== null && scores !== null;
        if (absent) absent.textContent = told ? this.answer(p) : "";
        if (points) points.textContent = told ? signed(100 * (p - this.whole()), 1) : "";
        body.append(row);
      }
    }

    show(i) {
      if (i >= this.found.units.length) return;
      for (const element of this.element.querySelectorAll("[data-unit]"))
        element.classList.toggle("chosen", Number(element.dataset.unit) === i);
      for (const word of this.words) {
        const own = Number(word.dataset.unit) === i;
        word.tabIndex = own ? 0 : -1;
        word.setAttribute("aria-pressed", String(own));
      }
      const links = this.element.querySelector(".links");
      links?.classList.toggle("faded", links.querySelector("path.chosen") !== null);
      this.panel.hidden = false;
      this.panel.ariaLive = this.element.contains(document.activeElement) ? "polite" : "off";
      this.panel.replaceChildren(this.facts(i), ...this.candidates(i));
      this.hold();
    }

    // A panel that shrank would move the words below it under the mouse: to another word, and back.
    hold() {
      if (this.panel.offsetWidth !== this.wide) this.panel.style.minHeight = "";
      this.wide = this.panel.offsetWidth;
      this.panel.style.minHeight = `${this.panel.offsetHeight}px`;
    }

    facts(i) {
      const own = this.found, list = make("dl");
      const say = (name, value) => {
        if (!value) return;
        const told = make("dd");
        told.append(make("bdi", value));
        list.append(make("dt", name), told);
      };
      const said = this.scores() === null ? [] : [this.number(this.values[i]), this.unit, this.interval(i)];
      const score = said.filter(Boolean).join(" ");
      const { target } = this.state, p = this.absent(i);
      say("word", own.units[i].text);
      if (p !== null && score) say(`${target} without it`, this.without(p));
      say(`${target} with it`, this.answer(this.whole()));
      say(this.scoring ? "score of the word" : `score for ${target}`, score);
      if (this.scored.likelihoods) say("likelihood of the word", percent(this.scored.likelihoods[i]));
      const word = this.words.find((one) => Number(one.dataset.unit) === i);
      say("group", word?.dataset.group);
      say("set", this.setOf(word));
      return list;
    }

    candidates(i) {
      const own = this.found, found = this.others[i] ?? [];
      if (!found.length) return [];
      const whole = this.whole(own.target);
      const table = make("table"), head = make("thead"), body = make("tbody"), titles = make("tr");
      for (const title of ["word", "likelihood", own.target, "change"]) {
        const cell = make("th");
        cell.append(title === own.target ? make("bdi", title) : title);
        cell.scope = "col";
        titles.append(cell);
      }
      for (const one of found.slice(0, CANDIDATES)) {
        const row = make("tr"), word = make("th");
        word.scope = "row";
        word.append(make("bdi", one.word));
        const cells = [percent(one.likelihood), this.answer(one.value), this.change(one.value, whole)];
        row.append(word, ...cells.map((cell) => make("td", cell)));
        body.append(row);
      }
      head.append(titles);
      table.append(make("caption", "What could stand here, the likeliest first"), head, body);
      return [table];
    }
  }

  const start = (root) => {
    root.dataset.ready = "";
    // A notebook may show the same explanation twice.
    const mark = root.id;
    for (let n = 1; document.querySelectorAll(`#${root.id}`).length > 1; n++) root.id = `${mark}-${n}`;
    const state = { target: "", order: "reading", least: 0, method: "all" };
    const elements = [...root.querySelectorAll("section")];
    const sections = elements.map((element) => new Section(element, state, elements.length > 1 ? element : root));
    state.target = sections[0].found.target;
    const controls = root.querySelector(".controls");
    const draw = () => {
      for (const control of controls.querySelectorAll("select, input"))
        state[control.name] = control.type === "checkbox" ? control.checked : control.value;
      state.least = Number(state.least);
      controls.querySelector("output").textContent = `${state.least} %`;
      recolour(root, state.palette);
      root.classList.toggle("brief", state.bits === false);
      sections.forEach((section, i) => {
        section.element.hidden = state.method !== "all" && state.method !== String(i);
        section.draw();
      });
      state.choose(state.chosen);
    };
    state.choose = (i) => {
      state.chosen = i;
      for (const section of sections) section.show(i);
    };
    state.chosen = sections[0].strongest();
    controls.hidden = false;
    controls.addEventListener("input", draw);
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...root.querySelectorAll("details:not([open])")];
      for (const part of folded) part.open = true;
    });
    addEventListener("afterprint", () => { for (const part of folded) part.open = false; });
    draw();
  };

  for (const root of document.querySelectorAll(".elision-report:not([data-ready])"))
    if (root.querySelector("section")) start(root);
})();
