/** What is said between the extension and the server beside the protocol itself: see docs/protocol.md. */

import type { Position, Range, WorkspaceEdit } from "vscode-languageclient/node";

export const OPTIMIZE = "paceline/optimize";
export const FUNCTIONS = "paceline/functions";
export const SUGGESTIONS = "paceline/suggestions";
export const COMBINE = "paceline/combine";
export const EVIDENCE = "paceline/evidence";
export const TEACH = "paceline/teach";
export const LESSONS = "paceline/lessons";
export const PIN_LESSON = "paceline/lessons/pin";
export const FORGET_LESSON = "paceline/lessons/forget";
export const DID_CHANGE_TRUST = "paceline/didChangeTrust";
export const STATUS = "paceline/status";

/** The command that the server's code actions carry. */
export const OPTIMIZE_COMMAND = "paceline.optimize";

export interface Suggestion {
  id: string;
  title: string;
  /** What was changed, the last part of the title. */
  change: string;
  member: string;
  speedup: number;
  low: number;
  high: number;
  confidence: number;
  checks: { inputs: number; sources: Record<string, number>; tests: number };
  diff: string;
  edit: WorkspaceEdit;
}

export interface OptimizeAnswer {
  function: string;
  status: "faster" | "not-proven-faster" | "cannot-judge";
  reason: string;
  suggestions: Suggestion[];
  elapsed: number;
}

export interface FunctionRecord {
  name: string;
  range: Range;
  position: Position;
  hints: { recipe: string; title: string }[];
  proven: string | null;
  running: boolean;
  /** A comment keeps work on whole files away from it. */
  ignored: boolean;
}

export interface ProvenFunction {
  function: string;
  position: Position;
  suggestions: Suggestion[];
}

export interface SizeTiming {
  label: string;
  elements: number;
  speedup: number;
  low: number;
  high: number;
  original_s: number;
  candidate_s: number;
  ratios: number[];
  control: number[];
}

export interface Timing {
  speedup: number;
  low: number;
  high: number;
  confidence: number;
  launches: number;
  control_low: number;
  control_high: number;
  sizes: SizeTiming[];
  confirmed: boolean;
  memory: { original: number; candidate: number } | null;
  bootstrap_low: number | null;
  bootstrap_high: number | null;
  clock: string;
}

export interface Evidence {
  id: string;
  function: string;
  file: string;
  line: number | null;
  title: string;
  change: string;
  member: string;
  recipes: string[];
  diff: string;
  standing: boolean;
  checks: { inputs: number; sources: Record<string, number>; tests: number; notes: string[] };
  timing: Timing | null;
  lessons: { id: string; text: string; category: string }[];
  isolation: string;
  environment: Record<string, string>;
  tolerance: number;
}

export interface Lesson {
  root: string;
  id: string;
  text: string;
  category: string;
  language: string;
  transformation: string;
  recipes: string[];
  created: string;
  evidence: {
    outcome: string;
    speedup: number | null;
    low: number | null;
    high: number | null;
    inputs: number;
    counterexample: string | null;
  };
  origin: { source: string; member: string; target: string; file: string };
  credit: { shown: number; helped: number; hurt: number; factor: number; pinned: boolean } | null;
  /** The path below the root of the file it was learnt on; older servers and older lessons have none. */
  place?: string | null;
}

export interface TeachAnswer {
  function: string;
  outcome: string;
  reason: string;
  words: string;
  lesson: string | null;
}

export interface Status {
  busy: boolean;
  message: string;
  kind: string;
}
