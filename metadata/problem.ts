/** Why a database cannot be used, for a person. Never holds a password. */
export interface DatabaseProblem {
  reason: string;
  /** What to do: an instruction that can follow a colon. */
  remedy: string;
  /** Whether a person must change something; else it may pass by itself. */
  mistake: boolean;
}

/** What a person must change. */
export const mistake = (reason: string, remedy: string): DatabaseProblem => ({ reason, remedy, mistake: true });
/** What may pass by itself. */
export const passing = (reason: string, remedy: string): DatabaseProblem => ({ reason, remedy, mistake: false });

/** Of what a server or library says. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 300) ?? '';
}
