import { FlowymlError } from '../../pipelines/errors.ts';
import { firstLine } from '../stores/store-failure.ts';

/** What was found out about a component of a stack. */
export interface StackCheck {
  component: string;
  ok: boolean;
  /** What it is, or what is wrong. */
  detail: string;
  /** What to do about it: the very command, where there is one. */
  remedy?: string;
}

export type Finding = Omit<StackCheck, 'component'>;

/** Each component has as long as this; they are asked at once. */
const TIMEOUT_MS = 10_000;

export const fine = (detail: string): Finding => ({ ok: true, detail });
export const wrong = (detail: string, remedy?: string): Finding => ({ ok: false, detail, ...(remedy ? { remedy } : {}) });

/** Asks a component. What it throws is a finding, and so is silence. */
export async function checked(component: string, ask: () => Promise<Finding>): Promise<StackCheck> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Finding>((resolve) => {
    timer = setTimeout(
      () => resolve(wrong(`no answer within ${TIMEOUT_MS / 1000} s`, 'check the network, a proxy or firewall on the way, and the address')),
      TIMEOUT_MS,
    );
  });
  try {
    return { component, ...(await Promise.race([ask(), silence])) };
  } catch (error) {
    return { component, ...(error instanceof FlowymlError ? split(error.message) : wrong(firstLine(error))) };
  } finally {
    clearTimeout(timer);
  }
}

// Our errors end in what to do.
const INSTRUCTION =
  /[.:;] (?=(?:Run|Log in|Make it|Check|Start|Set|Add|correct|create|give|grant|let|use|ask for|name|start|turn on|lower)\b)/;

function split(message: string): Finding {
  const [at] = INSTRUCTION.exec(message) ?? [];
  if (at === undefined) return wrong(message);
  const cut = message.indexOf(at);
  return wrong(message.slice(0, cut), message.slice(cut + at.length));
}
