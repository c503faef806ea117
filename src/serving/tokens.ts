// Tokens from a file or the environment, never from the command line, where other users of the machine could read them.
import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../errors.ts'
import type { Tokens } from '../stream/hosting.ts'
import { remarksOn } from '../stream/tokens.ts'

/**
 * A file has a line for each role, `operator=<token>` and `viewer=<token>`; '#' begins a comment. What it says counts instead of the
 * environment. No message ever holds a token.
 * @throws ConfigError
 */
export function readTokens(environment: Readonly<Record<string, string | undefined>>, file?: string): Tokens {
  if (file === undefined) {
    return {
      operator: environment.MARLSTROM_OPERATOR_TOKEN || undefined,
      viewer: environment.MARLSTROM_VIEWER_TOKEN || undefined,
    }
  }
  const tokens: { operator?: string; viewer?: string } = {}
  for (const [i, line] of textOf(file).split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, role, token] = /^\s*(operator|viewer)\s*=\s*(\S+)\s*$/.exec(line) ?? []
    if ((role !== 'operator' && role !== 'viewer') || token === undefined) {
      throw new ConfigError('--token-file', `${file}:${i + 1}: expected operator=<token> or viewer=<token>`)
    }
    if (tokens[role] !== undefined)
      throw new ConfigError('--token-file', `${file}:${i + 1}: a second token for ${role}`)
    tokens[role] = token
  }
  if (tokens.operator === undefined && tokens.viewer === undefined) {
    throw new ConfigError('--token-file', `${file} names no token; expected a line operator=<token>`)
  }
  return tokens
}

/** Sentences about tokens that others could guess or read; none tells a token. */
export function remarksOnTokens(tokens: Tokens, file?: string): string[] {
  return [...remarksOn(tokens), ...(file === undefined ? [] : remarksOnFile(file))]
}

/** Windows keeps its rights elsewhere. */
function remarksOnFile(file: string): string[] {
  const { mode } = statSync(file)
  if (process.platform === 'win32' || (mode & 0o077) === 0) return []
  const rights = (mode & 0o777).toString(8).padStart(3, '0')
  return [`${file} is open to other users of this machine (mode ${rights}); close it with chmod 600`]
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError('--token-file', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
