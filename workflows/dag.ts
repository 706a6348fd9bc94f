import type { SlimStep } from '../pipelines/plan.ts';
import { type Layers, layOut } from './layers.ts';
import type { RunState } from './state.ts';
import { LOOKS, shortTime, statusOf } from './step-status.ts';

/** Beyond this many steps a drawing is too small to read. */
export const DRAWN_STEPS = 40;

// The page gives half its width to the drawing; a wider one is scaled down.
const PAGE = 460;
const BOX = 36;
const EDGE = '#8b93a1';
const NAME_LENGTH = 26;

interface Box {
  step: SlimStep;
  name: string;
  below: string;
  width: number;
}

/**
 * The DAG of a run's steps as an SVG element, on one line. Temporal Web shows it within Markdown, under a policy that
 * forbids styles and scripts: all is said in attributes. Names hold nothing that HTML minds (`pipelines/names.ts`).
 */
export function dag(state: RunState): string {
  const steps = state.course;
  const boxes = new Map(steps.map((step) => [step.name, boxOf(state, step)]));
  const width = (name: string) => boxes.get(name)?.width ?? 0;
  const down = layOut(steps, width, 14);
  const aside = layOut(steps, () => BOX, 10);
  const columns = thickness(aside, width);
  const asideWidth = columns.reduce((sum, each) => sum + each, 0) + 34 * (aside.count - 1);
  // From top to bottom, unless many steps stand side by side: then from left to right, which is narrower.
  return down.breadth <= PAGE || down.breadth <= asideWidth
    ? drawing(
        state,
        boxes,
        down,
        thickness(down, () => BOX),
        26,
        false,
      )
    : drawing(state, boxes, aside, columns, 34, true);
}

/** How thick each layer is. */
function thickness({ count, places }: Layers, size: (name: string) => number): number[] {
  const layers = Array.from({ length: count }, () => 0);
  for (const [name, { layer }] of places) layers[layer] = Math.max(layers[layer] ?? 0, size(name));
  return layers;
}

function drawing(state: RunState, boxes: Map<string, Box>, layers: Layers, thick: number[], gap: number, aside: boolean): string {
  const starts: number[] = [];
  let end = 2;
  for (const each of thick) {
    starts.push(end);
    end += each + gap;
  }
  const [length, breadth] = [end - gap + 2, layers.breadth + 4];
  const [width, height] = (aside ? [length, breadth] : [breadth, length]).map(Math.ceil);
  // A point that is `along` the flow and `at` across it.
  const point = (along: number, at: number) => (aside ? [along, at + 2] : [at + 2, along]).map((n) => n.toFixed(0)).join(' ');
  const half = (name: string) => (aside ? (boxes.get(name)?.width ?? 0) : BOX);

  const edges = layers.edges.map(({ from, to, way }) => {
    let path = '';
    for (const [i, { layer, at }] of way.entries()) {
      const start = starts[layer] ?? 0;
      // Boxes of one column begin together and end where their names do.
      const over = i === 0 ? half(from) : (thick[layer] ?? 0);
      if (i === 0) path = `M${point(start + over, at)}`;
      else {
        const previous = way[i - 1] as { layer: number; at: number };
        const out = (starts[previous.layer] ?? 0) + (i === 1 ? half(from) : (thick[previous.layer] ?? 0));
        const into = start - (i === way.length - 1 ? 4 : 0);
        const bend = (into - out) / 2;
        path += `C${point(out + bend, previous.at)} ${point(into - bend, at)} ${point(into, at)}`;
        if (i < way.length - 1) path += `L${point(start + over, at)}`;
      }
    }
    const isTaken = !['pending', 'skipped'].includes(statusOf(state, to));
    return `<path d="${path}" fill="none" stroke="${EDGE}" stroke-width="${isTaken ? 1.6 : 1}"${isTaken ? '' : ' stroke-dasharray="3 3"'} marker-end="url(#head)"/>`;
  });
  const nodes = [...layers.places].map(([name, { layer, at }]) => {
    const box = boxes.get(name) as Box;
    const start = starts[layer] ?? 0;
    return aside ? draw(state, box, start, at + 2 - BOX / 2) : draw(state, box, at + 2 - box.width / 2, start);
  });
  const size = (width ?? 0) > PAGE ? 'width="100%"' : `width="${width}" height="${height}"`;
  return [
    `<svg ${size} viewBox="0 0 ${width} ${height}" role="img" aria-label="The steps and what each waits for" font-family="sans-serif">`,
    `<defs><marker id="head" viewBox="0 0 6 6" refX="2" refY="3" markerWidth="6" markerHeight="6" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L6 3L0 6z" fill="${EDGE}"/></marker></defs>`,
    ...edges,
    ...nodes,
    '</svg>',
  ].join('');
}

function boxOf(state: RunState, step: SlimStep): Box {
  const { name } = step;
  const status = statusOf(state, name);
  const outcome = state.ended.get(name);
  const took = outcome && ['succeeded', 'failed'].includes(status) ? shortTime(outcome.durationMs) : status;
  const below = step.group === undefined ? took : `${took} · ${step.group.slice(0, NAME_LENGTH)}`;
  const short = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name;
  // Roughly what a sans-serif letter takes at 12 and 10 pixels; the browser measures, we cannot.
  return { step, name: short, below, width: Math.round(Math.max(64, 32 + short.length * 7.2, 14 + below.length * 5.6)) };
}

function draw(state: RunState, { step, name, below, width }: Box, x: number, y: number): string {
  const status = statusOf(state, step.name);
  const { sign, colour } = LOOKS[status];
  const isOpen = status === 'pending' || status === 'skipped';
  const fill = isOpen ? `fill="none" stroke="${colour}"${status === 'skipped' ? ' stroke-dasharray="3 3"' : ''}` : `fill="${colour}"`;
  const ink = isOpen ? 'currentColor' : '#fff';
  // The page's own style sheet undoes `font-size`: every text has 16 pixels, unless it is scaled.
  const text = (words: string, size: number, at: number) =>
    `<text transform="translate(${(x + width / 2).toFixed(0)} ${at.toFixed(0)}) scale(${size / 16})" text-anchor="middle" fill="${ink}">${words}</text>`;
  return (
    `<g><title>${step.name}: ${status}</title>` +
    `<rect x="${x.toFixed(0)}" y="${y.toFixed(0)}" width="${width}" height="${BOX}" rx="6" ${fill}/>` +
    `${text(`${sign} ${name}`, 12, y + 15)}${text(below, 10, y + 29)}</g>`
  );
}
