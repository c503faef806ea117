// Where a page is served, to whom, and whether what it shows is recorded.
import type { Tokens } from '../stream/hosting.ts'

/** Where and to whom a page is served; the names are those of the command's options. */
export interface PageOptions {
  /** Absent: the first free one from 8120. 0: any. */
  readonly port?: number | undefined
  /** The address of this machine to listen at, `0.0.0.0` for all; absent: 127.0.0.1. A wider one needs an operator's token. */
  readonly host?: string | undefined
  /** Absent: those of `tokenFile`, else of MARLSTROM_OPERATOR_TOKEN and MARLSTROM_VIEWER_TOKEN in the environment. */
  readonly tokens?: Tokens | undefined
  /** A file with lines `operator=<token>` and `viewer=<token>`. */
  readonly tokenFile?: string | undefined
  /** Origins of other websites whose pages may connect, `https://viewer.example.org`. */
  readonly allowOrigin?: readonly string[] | undefined
  /** Where people reach the page behind a reverse proxy, `https://lab.example/marl`; it needs an operator's token. */
  readonly publicUrl?: string | undefined
  /** IP addresses of proxies in front of the page, which may have any number of connections without a token. */
  readonly trustProxy?: readonly string[] | undefined
  /** Is told what a person should know, though nothing failed; absent: nobody is. */
  readonly note?: ((sentence: string) => void) | undefined
}

export interface RecordOptions {
  /** The file; true: `<run>/recordings/<time>.mcap`, or `<scenario>-<time>.mcap` here. */
  readonly record?: string | true | undefined
}
