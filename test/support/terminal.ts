// Runs the built command `marlstrom` in a real pseudo-terminal, made by `script` of util-linux.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { entry } from './command.ts'

/** Whether there are such terminals here. */
export const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script')

export interface InTerminal {
  /** Resolves with the first match in what the terminal shows; rejects when the command ends without it. */
  sees(pattern: RegExp): Promise<RegExpMatchArray>
  /** Types, `\x03` for Ctrl-C. */
  type(text: string): void
  readonly finished: Promise<{ readonly code: number | null; readonly shown: string }>
}

/** Starts `marlstrom ...args`; it is hung up when the test ends before it. */
export function startInTerminal(...args: readonly string[]): InTerminal {
  const quoted = [process.execPath, entry, ...args].map(word => `'${word}'`).join(' ')
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', `exec ${quoted}`, '/dev/null'], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: 'pipe',
  })
  let shown = ''
  const looks = new Set<() => void>()
  child.stdout.on('data', data => {
    shown += data
    for (const look of looks) look()
  })
  const finished = new Promise<{ code: number | null; shown: string }>(done =>
    child.on('close', code => done({ code, shown })),
  )
  onTestFinished(() => void child.kill())
  return {
    finished,
    type: text => void child.stdin.write(text),
    sees: pattern =>
      new Promise((found, missed) => {
        const look = () => {
          const match = shown.match(pattern)
          if (match !== null) found(match)
        }
        looks.add(look)
        look()
        void finished.then(({ code }) => missed(new Error(`ended with ${code} before ${pattern}: ${shown}`)))
      }),
  }
}
