/** What there is to tell while a realisation runs. Plain data: it crosses threads and feeds any display. */
export type Activity =
  | "download"
  | "unpack"
  | "compile"
  | "compose"
  | "build"
  | "merge"
  | "resolve"
  | "evaluate";

export type ProgressEvent =
  /** What lies ahead, by activity; sent again when more becomes known. */
  | {
      readonly kind: "plan";
      readonly counts: Partial<Record<Activity, number>>;
      readonly downloadBytes: number;
      /** In the order in which they can be built. */
      readonly derivations: readonly { readonly path: string; readonly name: string }[];
    }
  | { readonly kind: "start"; readonly id: string; readonly activity: Activity; readonly name: string }
  | { readonly kind: "bytes"; readonly id: string; readonly bytes: number }
  | { readonly kind: "line"; readonly id: string; readonly name: string; readonly text: string }
  | { readonly kind: "finish"; readonly id: string; readonly ok: boolean }
  /** `chatty` is for those who ask to be told more, twice. */
  | {
      readonly kind: "message";
      readonly level: "note" | "warning" | "trace" | "chatty";
      readonly text: string;
    };

export type ProgressSink = (event: ProgressEvent) => void;
