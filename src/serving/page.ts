// The live page that a program or a command opens: where it is served, to whom, and what its viewers ask for.
import { type Observable, Subject } from 'rxjs'
import type { Command } from '../experiment/commands.ts'
import type { Show } from '../experiment/show.ts'
import { foxgloveSubprotocols } from '../foxglove/subprotocols.ts'
import { pageFolder } from '../installation/package.ts'
import type { HostedSession } from '../stream/hosting.ts'
import { readPublicUrl } from '../stream/public-address.ts'
import { createStreamServer, type StreamServer } from '../stream/server.ts'
import { expectGuarded } from '../stream/tokens.ts'
import type { PageOptions } from './page-options.ts'
import { readTokens, remarksOnTokens } from './tokens.ts'

/** What a viewer asked for, when it was done or refused. */
export interface ViewerCommand {
  /** The id of the session, as in the page's address. */
  readonly session: string
  /** Names the connection. */
  readonly viewer: string
  readonly command: Command
  /** Why it was not done; null: it was. */
  readonly refusal: string | null
}

/** A page that is served: `serve` and `watch` show on it what they are given. */
export interface Page extends StreamServer {
  /** Every command of every viewer, of all sessions; completes when the page is closed. */
  readonly commands$: Observable<ViewerCommand>
}

/**
 * Opens a page without sessions; the open port keeps the process alive until it is closed.
 * @throws ConfigError when the port cannot be had, a token is too weak or cannot be read, or a wider address has no token; FileError
 * when the page is not built.
 */
export async function openPage(options: PageOptions = {}): Promise<Page> {
  return preparePage(options)()
}

/** Everything that can be refused is refused now; what is returned opens the page. @throws ConfigError as `openPage` */
export function preparePage(options: PageOptions): () => Promise<Page> {
  const { host, port, tokenFile, publicUrl, note = () => {} } = options
  const tokens = options.tokens ?? readTokens(process.env, tokenFile)
  expectGuarded(tokens, host ?? '127.0.0.1', publicUrl === undefined ? undefined : readPublicUrl(publicUrl))
  const remarks = remarksOnTokens(tokens, options.tokens === undefined ? tokenFile : undefined)
  return async () => {
    for (const remark of remarks) note(remark)
    const server = await createStreamServer({
      ...{ host, port, tokens, publicUrl, origins: options.allowOrigin, proxies: options.trustProxy },
      page: pageFolder(),
      subprotocols: foxgloveSubprotocols(),
    })
    const commands = new Subject<ViewerCommand>()
    return {
      ...server,
      commands$: commands.asObservable(),
      add: hosted => server.add({ ...hosted, show: heard(hosted, told => commands.next(told)) }),
      close: message => server.close(message).finally(() => commands.complete()),
    }
  }
}

/** The show of a session, whose commands are told when they are answered. */
function heard({ id, show }: HostedSession, tell: (command: ViewerCommand) => void): Show {
  return {
    schema$: show.schema$,
    moments$: show.moments$,
    inspect: agent => show.inspect(agent),
    ...(show.look && { look: agents => show.look!(agents) }),
    left: viewer => show.left(viewer),
    async command(command, viewer) {
      const told = { session: id, viewer, command }
      try {
        await show.command(command, viewer)
      } catch (error) {
        tell({ ...told, refusal: (error as Error).message })
        throw error
      }
      tell({ ...told, refusal: null })
    },
  }
}
