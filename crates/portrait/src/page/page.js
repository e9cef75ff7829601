'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent);
  const BLOCKS = data.blocks;
  const [LABEL, LETTER, LIGHT, DARK, STATE] = [0, 1, 2, 3, 4];
  const UNREADABLE = data.kinds.findIndex((one) => one[STATE] === 2);
  const RECORDED = data.kinds.map((one) => one[STATE] > 0);

  // The runs as columns; run r has the blocks from start[r] to start[r + 1].
  const count = data.runs.n.length;
  const start = new Float64Array(count + 1);
  const kind = Uint8Array.from(data.runs.k);
  const generation = Uint32Array.from(data.runs.g);
  const owner = new Int32Array(count);
  for (let run = 0, last = 0; run < count; run += 1) {
    start[run + 1] = start[run] + data.runs.n[run];
    const by = data.runs.o[run];
    if (by !== 0) last += by > 0 ? by - 1 : by;
    owner[run] = by === 0 ? -1 : last;
  }
  const names = data.owners.n;
  const parent = new Int32Array(names.length);
  for (let at = 0, last = 0; at < names.length; at += 1) {
    last += data.owners.p[at];
    parent[at] = last;
  }

  function path(id) {
    if (data.owners.b[id] === -2) return names[id];
    const parts = [];
    for (let at = id; parent[at] !== at; at = parent[at]) parts.push(names[at]);
    return '/' + parts.reverse().join('/');
  }

  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');

  function size(bytes) {
    const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;
    let scaled = bytes;
    while (Math.abs(scaled) >= 1000 && unit + 1 < units.length) {
      scaled /= 1024;
      unit += 1;
    }
    return (unit === 0 ? String(bytes) : scaled.toFixed(1)) + ' ' + units[unit];
  }

  // The run with a block.
  function runAt(block) {
    let [low, high] = [0, count];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (start[middle] <= block) low = middle;
      else high = middle;
    }
    return low;
  }

  function session(block) {
    let found = 0;
    for (const [number, first] of data.sessions) if (first <= block) found = number;
    return found;
  }

  function words(block) {
    const run = runAt(block);
    const parts = [`Block ${grouped(block)}: ${data.kinds[kind[run]][LABEL]}`];
    const id = owner[run];
    if (id >= 0) {
      const bytes = data.owners.b[id];
      const what = { '-1': 'directory', '-2': 'no longer there' }[bytes] || size(bytes);
      parts.push(`${path(id)} (${what})`);
    }
    const last = start[run + 1] - 1;
    if (last > start[run]) parts.push(`blocks ${grouped(start[run])} to ${grouped(last)}`);
    if (generation[run] > 0) {
      const era = data.eras[generation[run] - 1];
      parts.push(`generation ${generation[run]}` + (era ? ` of ${era[3]}` : ''));
    }
    if (RECORDED[kind[run]] && data.sessions.length > 1) parts.push(`session ${session(block)}`);
    return parts.join('; ');
  }

  // For each of some cells the run that shows: unreadable if any is, otherwise the one with most blocks.
  function sample(first, blocks, cells) {
    const shown = new Int32Array(cells).fill(-1);
    const most = new Float64Array(cells);
    const size = blocks / cells;
    for (let run = runAt(first); run < count && start[run] < first + blocks; run += 1) {
      const from = Math.max(start[run], first) - first;
      const to = Math.min(start[run + 1], first + blocks) - first;
      for (let cell = Math.floor(from / size); cell < cells && cell * size < to; cell += 1) {
        let part = Math.min(to, (cell + 1) * size) - Math.max(from, cell * size);
        if (kind[run] === UNREADABLE && part > 0) part = Infinity;
        if (part > most[cell]) {
          most[cell] = part;
          shown[cell] = run;
        }
      }
    }
    return shown;
  }

  const darkness = matchMedia('(prefers-color-scheme: dark)');
  const rgb = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));

  // Viridis, which grows lighter from one end to the other, at nine places.
  const SCALE = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725']
    .map(rgb);

  function scaled(share) {
    const at = share * (SCALE.length - 1);
    const low = Math.min(Math.floor(at), SCALE.length - 2);
    return SCALE[low].map((value, part) => value + (SCALE[low + 1][part] - value) * (at - low));
  }

  const state = {
    by: 'kind',
    // What is highlighted: {kind}, {era} or {owner}; null for everything.
    only: null,
    block: 0,
    first: 0,
    blocks: BLOCKS,
  };

  function isLit(run) {
    const only = state.only;
    if (!only) return true;
    if (only.kind !== undefined) return kind[run] === only.kind;
    if (only.era !== undefined) return generation[run] === only.era;
    for (let at = owner[run]; at >= 0; at = parent[at]) {
      if (at === only.owner) return true;
      if (parent[at] === at) break;
    }
    return false;
  }

  let colours = [];
  let ground = [255, 255, 255];

  function readColours() {
    const dark = darkness.matches;
    colours = data.kinds.map((one) => rgb(one[dark ? DARK : LIGHT]));
    ground = dark ? [13, 17, 23] : [255, 255, 255];
  }

  function colourOf(run) {
    let colour = colours[kind[run]];
    if (state.by === 'generation') {
      const eras = Math.max(data.eras.length - 1, 1);
      // What is not recorded is that of free blocks: other colours stand for generations now.
      if (!RECORDED[kind[run]]) colour = colours[colours.length - 1];
      else colour = generation[run] > 0 ? scaled((generation[run] - 1) / eras) : [150, 150, 150];
    }
    return isLit(run) ? colour : colour.map((value, part) => ground[part] + (value - ground[part]) * 0.16);
  }

  function fit(canvas, ratio) {
    const scale = Math.min(devicePixelRatio || 1, 2);
    const width = Math.max(Math.floor(canvas.parentElement.clientWidth * scale), 16);
    const height = Math.floor(ratio(width, scale));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.height = `${height / scale}px`;
    }
    return scale;
  }

  const spiral = byId('spiral');
  const tape = byId('tape');
  const time = byId('time');
  const TURNS = 40;
  const [INNER, OUTER] = [0.34, 0.985];

  // The share of the disc at a place of the spiral; -1 beside it.
  function shareAt(x, y, side) {
    const middle = side / 2;
    const [dx, dy] = [(x - middle) / middle, (y - middle) / middle];
    const radius = Math.hypot(dx, dy);
    const pitch = (OUTER - INNER) / TURNS;
    if (radius < INNER || radius > OUTER + pitch) return -1;
    const around = (Math.atan2(dx, -dy) / (2 * Math.PI) + 1) % 1;
    const turn = Math.floor((radius - INNER) / pitch - around + 0.5);
    const along = turn + around;
    if (along < 0 || along > TURNS) return -1;
    const at = INNER + along * pitch;
    return (at * at - INNER * INNER) / (OUTER * OUTER - INNER * INNER);
  }

  // Where a block is on the spiral.
  function placeOf(block, side) {
    const share = (block + 0.5) / BLOCKS;
    const radius = Math.sqrt(INNER * INNER + share * (OUTER * OUTER - INNER * INNER));
    const angle = 2 * Math.PI * TURNS * (radius - INNER) / (OUTER - INNER);
    const middle = side / 2;
    return [middle + middle * radius * Math.sin(angle), middle - middle * radius * Math.cos(angle)];
  }

  const CELLS = Math.max(Math.min(65536, BLOCKS), 1);
  const ofSpiral = sample(0, BLOCKS, CELLS);

  function drawSpiral() {
    fit(spiral, (width) => width);
    const side = spiral.width;
    const context = spiral.getContext('2d');
    const image = context.createImageData(side, side);
    const pixels = image.data;
    const shades = new Float32Array(CELLS * 3);
    for (let cell = 0; cell < CELLS; cell += 1) {
      shades.set(ofSpiral[cell] < 0 ? ground : colourOf(ofSpiral[cell]), cell * 3);
    }
    for (let y = 0, at = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1, at += 4) {
        const share = shareAt(x + 0.5, y + 0.5, side);
        if (share < 0) continue;
        const cell = Math.min(Math.floor(share * CELLS), CELLS - 1) * 3;
        pixels[at] = shades[cell];
        pixels[at + 1] = shades[cell + 1];
        pixels[at + 2] = shades[cell + 2];
        pixels[at + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
    mark(context, ...placeOf(state.block, side), side / 90);
  }

  function mark(context, x, y, radius) {
    for (const [width, colour] of [[4, '#000'], [2, '#fff']]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(x, y, radius + 2, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  const ROWS = 14;
  let tapeRuns = new Int32Array(0);

  function drawTape() {
    const scale = fit(tape, (_, scale) => ROWS * 22 * scale);
    const [width, pitch] = [tape.width, 22 * scale];
    const high = pitch - 4 * scale;
    const context = tape.getContext('2d');
    context.clearRect(0, 0, width, tape.height);
    tapeRuns = sample(state.first, state.blocks, ROWS * width);
    context.font = `bold ${12 * scale}px ui-monospace, monospace`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let row = 0; row < ROWS; row += 1) {
      let from = 0;
      for (let x = 1; x <= width; x += 1) {
        const run = tapeRuns[row * width + from];
        if (x < width && tapeRuns[row * width + x] === run) continue;
        if (run >= 0) {
          const colour = colourOf(run).map(Math.round);
          context.fillStyle = `rgb(${colour})`;
          context.fillRect(from, row * pitch, x - from, high);
          if (x - from > 16 * scale && state.by === 'kind') {
            const light = colour[0] * 0.299 + colour[1] * 0.587 + colour[2] * 0.114 > 140;
            context.fillStyle = light ? '#000' : '#fff';
            context.fillText(data.kinds[kind[run]][LETTER], (from + x) / 2, row * pitch + high / 2);
          }
        }
        from = x;
      }
    }
    const at = (state.block + 0.5 - state.first) / state.blocks * ROWS * width;
    if (at >= 0 && at < ROWS * width) {
      const [x, y] = [at % width, Math.floor(at / width) * pitch];
      context.lineWidth = 2 * scale;
      context.strokeStyle = darkness.matches ? '#fff' : '#000';
      context.strokeRect(x - 3 * scale, y - scale, 6 * scale, high + 2 * scale);
    }
    const last = Math.ceil(state.first + state.blocks) - 1;
    byId('window').textContent = `Blocks ${grouped(Math.floor(state.first))} to ${grouped(Math.min(last, BLOCKS - 1))}`;
  }

  function blockOnTape(x, y) {
    const scale = tape.height / tape.clientHeight || 1;
    const row = Math.min(Math.max(Math.floor(y * scale / (tape.height / ROWS)), 0), ROWS - 1);
    const column = Math.min(Math.max(x * scale, 0), tape.width - 1);
    const share = (row * tape.width + column) / (ROWS * tape.width);
    return Math.min(Math.floor(state.first + share * state.blocks), BLOCKS - 1);
  }

  let era = data.eras.length;

  function drawTime() {
    const scale = fit(time, (_, scale) => 90 * scale);
    const context = time.getContext('2d');
    const [width, high] = [time.width, time.height];
    context.clearRect(0, 0, width, high);
    const eras = data.eras.length;
    const most = Math.log1p(data.eras.reduce((most, one) => Math.max(most, one[4]), 1));
    const wide = width / eras;
    data.eras.forEach((one, at) => {
      const tall = Math.max(Math.log1p(one[4]) / most * (high - 6 * scale), 1);
      const lit = !state.only || state.only.era === undefined || state.only.era === one[0];
      context.globalAlpha = lit ? 1 : 0.25;
      context.fillStyle = `rgb(${scaled(eras > 1 ? at / (eras - 1) : 0).map(Math.round)})`;
      context.fillRect(at * wide, high - tall, Math.max(wide - (wide > 4 ? 1 : 0), 1), tall);
    });
    context.globalAlpha = 1;
    context.lineWidth = 2 * scale;
    context.strokeStyle = darkness.matches ? '#fff' : '#000';
    context.strokeRect((era - 1) * wide, scale, Math.max(wide, 3), high - 2 * scale);
  }

  const said = byId('said');

  function say(text) {
    if (said.textContent !== text) said.textContent = text;
  }

  function wordsOfEra(number) {
    const one = data.eras[number - 1];
    if (!one) return '';
    const more = (one[8] < 0 ? '\u2212' : '+') + size(Math.abs(one[8]));
    return `Generation ${one[0]} of ${one[3]}, session ${one[1]}: +${grouped(one[5])} ~${grouped(one[6])} ` +
      `\u2212${grouped(one[7])} files, ${more}, ${grouped(one[4])} blocks; ${one[9]}`;
  }

  let waiting = false;

  // Draws once before the next frame, however often it is asked to.
  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawAll();
    });
  }

  function drawAll() {
    readColours();
    drawSpiral();
    drawTape();
    drawTime();
  }

  function goTo(block, isSeen) {
    state.block = Math.min(Math.max(Math.floor(block), 0), BLOCKS - 1);
    if (!isSeen && (state.block < state.first || state.block >= state.first + state.blocks)) {
      show(state.block - state.blocks / 2, state.blocks);
    }
    const text = words(state.block);
    for (const canvas of [spiral, tape]) {
      canvas.setAttribute('aria-valuenow', state.block);
      canvas.setAttribute('aria-valuetext', text);
    }
    say(text);
    draw();
  }

  function show(first, blocks) {
    state.blocks = Math.min(Math.max(blocks, Math.min(ROWS * 8, BLOCKS)), BLOCKS);
    state.first = Math.min(Math.max(first, 0), BLOCKS - state.blocks);
    draw();
  }

  function zoom(by, around = state.block) {
    const share = (around - state.first) / state.blocks;
    const blocks = Math.min(Math.max(state.blocks * by, Math.min(ROWS * 8, BLOCKS)), BLOCKS);
    const inside = share >= 0 && share <= 1 ? share : 0.5;
    show(around - inside * blocks, blocks);
  }

  function goToEra(number) {
    era = Math.min(Math.max(number, 1), data.eras.length);
    const text = wordsOfEra(era);
    time.setAttribute('aria-valuenow', era);
    time.setAttribute('aria-valuetext', text);
    say(text);
    draw();
  }

  function light(only) {
    const same = JSON.stringify(only) === JSON.stringify(state.only);
    state.only = same ? null : only;
    for (const button of document.querySelectorAll('button[data-lights]')) {
      const isOn = button.dataset.lights === JSON.stringify(state.only);
      button.setAttribute('aria-pressed', String(isOn));
    }
    draw();
  }

  function keys(event) {
    const run = runAt(state.block);
    const isSpiral = event.currentTarget === spiral;
    const row = isSpiral ? BLOCKS / TURNS : state.blocks / ROWS;
    const moves = {
      ArrowLeft: () => goTo(event.shiftKey ? state.block - 1 : start[Math.max(run - 1, 0)]),
      ArrowRight: () => goTo(event.shiftKey ? state.block + 1 : start[run + 1] < BLOCKS ? start[run + 1] : state.block),
      ArrowUp: () => goTo(isSpiral ? state.block + row : state.block - row),
      ArrowDown: () => goTo(isSpiral ? state.block - row : state.block + row),
      Home: () => goTo(0),
      End: () => goTo(BLOCKS - 1),
      PageUp: () => goTo(state.block - state.blocks),
      PageDown: () => goTo(state.block + state.blocks),
      '+': () => zoom(0.5),
      '=': () => zoom(0.5),
      '-': () => zoom(2),
      '0': () => show(0, BLOCKS),
      Enter: () => owner[run] >= 0 && light({ owner: owner[run] }),
      Escape: () => state.only && light(state.only),
    };
    if (!moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    moves[event.key]();
  }

  function pointed(event, canvas) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function listen() {
    spiral.addEventListener('pointermove', (event) => {
      const [x, y] = pointed(event, spiral);
      const scale = spiral.width / spiral.clientWidth;
      const share = shareAt(x * scale, y * scale, spiral.width);
      if (share >= 0) goTo(share * BLOCKS, true);
    });
    spiral.addEventListener('click', () => {
      show(state.block - state.blocks / 2, state.blocks);
      zoom(0.25);
    });
    tape.addEventListener('pointermove', (event) => goTo(blockOnTape(...pointed(event, tape)), true));
    tape.addEventListener('click', () => {
      const id = owner[runAt(state.block)];
      if (id >= 0) light({ owner: id });
    });
    tape.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 0.7 : 1 / 0.7, blockOnTape(...pointed(event, tape)));
    }, { passive: false });
    for (const canvas of [spiral, tape]) {
      canvas.setAttribute('aria-valuemax', BLOCKS - 1);
      canvas.addEventListener('keydown', keys);
      canvas.addEventListener('focus', () => goTo(state.block));
    }
    time.setAttribute('aria-valuemax', data.eras.length);
    time.addEventListener('pointermove', (event) => {
      goToEra(Math.floor(pointed(event, time)[0] / time.clientWidth * data.eras.length) + 1);
    });
    time.addEventListener('click', () => light({ era }));
    time.addEventListener('focus', () => goToEra(era));
    time.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity }[event.key];
      if (by !== undefined) goToEra(era + by);
      else if (event.key === 'Enter') light({ era });
      else return;
      event.preventDefault();
    });
    for (const input of document.getElementsByName('by')) {
      input.addEventListener('change', () => {
        state.by = input.value;
        draw();
      });
    }
    byId('tools').addEventListener('submit', (event) => event.preventDefault());
    byId('nearer').addEventListener('click', () => zoom(0.5));
    byId('farther').addEventListener('click', () => zoom(2));
    byId('whole').addEventListener('click', () => {
      if (state.only) light(state.only);
      show(0, BLOCKS);
    });
    byId('print').addEventListener('click', () => window.print());
    darkness.addEventListener('change', draw);
    addEventListener('resize', draw);
  }

  function button(text, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.append(...[text].flat());
    made.addEventListener('click', act);
    return made;
  }

  // Buttons in place of what is only read without a script.
  function buttons() {
    for (const item of document.querySelectorAll('#legend li')) {
      const only = { kind: Number(item.dataset.kind) };
      const made = button([...item.childNodes], () => light(only));
      made.dataset.lights = JSON.stringify(only);
      made.setAttribute('aria-pressed', 'false');
      item.append(made);
    }
    for (const row of document.querySelectorAll('tr[data-era]')) {
      const only = { era: Number(row.dataset.era) };
      const head = row.firstElementChild;
      const made = button(head.textContent, () => {
        light(only);
        goToEra(only.era);
      });
      made.dataset.lights = JSON.stringify(only);
      made.setAttribute('aria-pressed', 'false');
      head.replaceChildren(made);
    }
    for (const place of document.querySelectorAll('span[data-block]')) {
      const block = Number(place.dataset.block);
      place.replaceChildren(button(place.textContent, () => {
        goTo(block);
        tape.focus();
        tape.scrollIntoView({ block: 'center' });
      }));
    }
  }

  const MOST_HITS = 50;
  let lowered = null;

  // The owners whose name, or path if the text has a slash, contains a text.
  function matching(text) {
    lowered = lowered || names.map((name) => name.toLowerCase());
    const isPath = text.includes('/');
    const found = [];
    let more = 0;
    for (let id = 0; id < names.length; id += 1) {
      const name = isPath && lowered[id].includes(text.slice(text.lastIndexOf('/') + 1))
        ? path(id).toLowerCase() : lowered[id];
      if (!name.includes(text)) continue;
      if (found.length < MOST_HITS) found.push(id);
      else more += 1;
    }
    return [found, more];
  }

  function find() {
    const text = byId('find').value.trim().toLowerCase();
    const hits = byId('hits');
    hits.replaceChildren();
    if (text === '') return;
    const item = (child) => {
      const made = document.createElement('li');
      made.append(child);
      hits.append(made);
    };
    if (/^\d+$/.test(text) && Number(text) < BLOCKS) {
      item(button(`Block ${grouped(Number(text))}`, () => goTo(Number(text))));
    }
    const [found, more] = matching(text);
    for (const id of found) {
      item(button(path(id), () => {
        state.only = null;
        light({ owner: id });
        const run = firstOf(id);
        if (run >= 0) goTo(start[run]);
        else say(`${path(id)} has no blocks of its own`);
      }));
    }
    if (more > 0) item(`and ${grouped(more)} more`);
    if (hits.children.length === 0) item('Nothing found');
    say(found.length === 0 ? 'Nothing found' : `${grouped(found.length + more)} found`);
  }

  function firstOf(id) {
    const first = owner.indexOf(id);
    return first >= 0 ? first : owner.findIndex((_, run) => owner[run] >= 0 && isLit(run));
  }

  if (BLOCKS === 0 || count === 0) return;
  byId('surface').hidden = false;
  buttons();
  listen();
  drawAll();
  let typed = 0;
  byId('find').addEventListener('input', () => {
    clearTimeout(typed);
    typed = setTimeout(find, 120);
  });
  document.documentElement.dataset.drawn = String(Math.round(performance.now()));
})();
