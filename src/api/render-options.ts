// How an episode is drawn, and what comes of it.

/** The names are those of the options of `marlstrom render`. */
export interface RenderOptions {
  /** The n-th episode, counted from 1; absent: the first. */
  readonly episode?: number | undefined
  /** The first and the last step that are shown. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Of the episodes; absent: 0. Recordings have theirs. */
  readonly seed?: number | undefined
  /** The policies' best guesses instead of samples as in training. */
  readonly greedy?: boolean | undefined
  /** Who plays instead. */
  readonly policy?: 'scripted' | 'random' | 'noop' | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
  /** One picture, after this many steps of the episode. */
  readonly step?: number | undefined
  /** Pixels, 64 ... 4096; absent: 480. */
  readonly width?: number | undefined
  /** 0.05 ... 64; 1 and absent: the pace of the live page. */
  readonly speed?: number | undefined
  /** Absent: light. */
  readonly theme?: 'light' | 'dark' | undefined
  /** Options of a scenario. */
  readonly scenario?: Readonly<Record<string, unknown>> | undefined
  /** Is told how many of the pictures of a GIF or a video are drawn. */
  readonly progress?: ((pictures: number, of: number) => void) | undefined
}

/** A picture that was written. */
export interface Picture {
  readonly file: string
  readonly bytes: number
  /** Steps that it shows; 0: it stands still. */
  readonly steps: number
  /** What it is of. */
  readonly title: string
}
