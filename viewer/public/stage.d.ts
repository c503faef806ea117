// Types of stage.js, which the build puts beside them.
import type { Client } from '../src/client/client.js'

/** `<marlstrom-stage src="ws://127.0.0.1:8120/stream">`: the picture of the live page, for other pages. */
export interface MarlstromStage extends HTMLElement {
  /** The connection while the element is in a page and has a `src`. */
  readonly client: Client | null
}

export declare const MarlstromStage: { new (): MarlstromStage; prototype: MarlstromStage }

declare global {
  interface HTMLElementTagNameMap {
    'marlstrom-stage': MarlstromStage
  }
}
