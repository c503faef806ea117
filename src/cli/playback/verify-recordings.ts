// marlstrom playback --verify: every step of some recordings is simulated again; one line each, and exit code 1 where one went another way.
import pc from 'picocolors'
import { openRecording } from '../../recording/recording.ts'
import { type Verification, verify } from '../../recording/verify.ts'
import { recordedGames } from '../../serving/recorded-games.ts'
import { print } from '../terminal/print.ts'

/** @throws FileError where a recording is damaged, or of a scenario that this build does not have */
export async function verifyRecordings(files: readonly string[], json: boolean): Promise<void> {
  for (const file of files) {
    const recording = await openRecording(file)
    const frames = recording.last - recording.first + 1
    const began = performance.now()
    const found = await verify(recording, recordedGames(file), same => progress(same, frames)).finally(() =>
      recording.close(),
    )
    const { whole } = recording
    const seconds = (performance.now() - began) / 1000
    if (found.difference !== null) process.exitCode = 1
    if (json) print(JSON.stringify({ event: 'verified', file, frames, whole, ...found, seconds }))
    else print(describe(file, frames, whole, found, seconds))
  }
}

function describe(file: string, frames: number, whole: boolean, found: Verification, seconds: number): string {
  const { same, again, unknown, drawnOnly, difference } = found
  const count = (n: number) => n.toLocaleString('en-US')
  if (difference !== null) {
    const { number, episode, step, what } = difference
    return (
      `${pc.red('not the same:')} ${file}\n  frame ${number}, episode ${episode}, step ${step}: ${what}\n` +
      `  the ${count(same)} frames before it are the same bits`
    )
  }
  const lines = [
    `${pc.green('the same bits:')} ${file}`,
    `  ${count(same)} of ${count(frames)} frames simulated again in ${seconds.toFixed(1)} s, every state equal`,
    `  ${count(again)} episodes and drags brought about again by their seeds and places alone`,
    ...(unknown > 0 ? [`  ${count(unknown)} frames before the first opening could not be simulated`] : []),
    ...(drawnOnly > 0 ? [`  of ${count(drawnOnly)} frames only what is drawn and paid is known`] : []),
    ...(whole ? [] : ['  the recording was cut off; what is there is what happened']),
  ]
  return lines.join('\n')
}

/** Long recordings take a while. */
function progress(same: number, frames: number): void {
  if (!process.stderr.isTTY || frames < 20_000 || same % 1000 !== 0) return
  process.stderr.write(same + 1000 > frames ? '\r\u001b[K' : `\rframe ${same} of ${frames}`)
}
