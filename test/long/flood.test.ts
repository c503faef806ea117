// Strangers who only open connections, against the real command: the run outlives them, with the bits of a run that nobody disturbed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { TinyViewer } from '../stream/tiny-stream.ts'
import { marlstrom, type Running, startLimited, temporaryFolder, tiny } from '../support/command.ts'
import { type Flood, flood } from '../support/flood.ts'

const token = 'd2a4c9607be15f83c0d94ab86f2e7135'
const bearer = { authorization: `Bearer ${token}` }
const settings = [
  ...['--seed', '5', '--threads', '1', '--episodes', '1000000', ...tiny],
  ...['--set', 'run.checkpointEvery=100', '--set', 'run.keepCheckpoints=1000'],
]
/** What this process may open itself: it holds the other ends. */
const most = Number(spawnSync('sh', ['-c', 'ulimit -Hn']).stdout.toString().trim()) || Number.POSITIVE_INFINITY
const everywhere = process.platform === 'linux' ? Array.from({ length: 250 }, (_, i) => `127.0.7.${i + 1}`) : undefined

const checkpointsIn = (out: string) => readdirSync(join(out, 'checkpoints')).filter(name => /^\d+\.safet/.test(name))
const linesIn = (out: string) =>
  (existsSync(join(out, 'metrics.jsonl')) ? readFileSync(join(out, 'metrics.jsonl'), 'utf8') : '')
    .split('\n')
    .slice(0, -1)
    .map(line => line.replace(/,"time\/[^,}]*/g, ''))

/** Waits for what must come, however slow the machine is; ends when the command does. */
async function whenever(running: Running, holds: () => boolean | Promise<boolean>): Promise<void> {
  let over: string | null = null
  void running.finished.then(({ stdout, stderr }) => {
    over = `${stdout.slice(-500)}${stderr}`
  })
  while (!(await holds())) {
    if (over !== null) throw new Error(`the command has ended: ${over}`)
    await pause(50)
  }
}

/** So many more checkpoints than now. */
async function trainsOn(running: Running, out: string, more: number): Promise<void> {
  const before = checkpointsIn(out).length
  await whenever(running, () => checkpointsIn(out).length >= before + more)
}

async function stop(running: Running): Promise<void> {
  running.process.kill('SIGINT')
  const { code, stderr } = await running.finished
  expect({ code, stderr }).toMatchObject({ code: 0 })
}

describe.skipIf(process.platform === 'win32')('a training that is watched', () => {
  it.skipIf(most < 6000).each([
    ['256 descriptors, behind a token', 256, true],
    ['1024 descriptors, behind a token', 1024, true],
    ['4096 descriptors, behind a token', 4096, true],
    ['256 descriptors, on this machine alone', 256, false],
  ])('outlives a flood of silent connections with %s', async (_name, limit, guarded) => {
    if (guarded) {
      vi.stubEnv('MARLSTROM_OPERATOR_TOKEN', token)
      onTestFinished(() => void vi.unstubAllEnvs())
    }
    const folder = temporaryFolder()
    const [out, calm] = [join(folder, 'flooded'), join(folder, 'calm')]
    const where = guarded ? ['--host', '0.0.0.0'] : []
    const args = ['train', 'simple_spread', ...settings, '--record', '--watch', '0', ...where, '--out', out]
    const running = startLimited(limit, ...args)
    const [, port] = await running.sees(/live page: http:\/\/[\d.]+:(\d+)/)
    const url = `http://127.0.0.1:${port}/`
    const viewer = await TinyViewer.connect(url, bearer)
    await whenever(running, () => checkpointsIn(out).length > 0)

    const strangers: Flood = flood(Number(port), limit + 500, guarded ? everywhere : undefined)
    onTestFinished(() => strangers.stop())
    // More have come than there is room for: others wait to be accepted.
    await whenever(running, () => strangers.ended > 500 && strangers.standing > limit)
    const frames = viewer.frames.length
    await trainsOn(running, out, 3)
    // Who watched before still does, and another one gets in.
    await whenever(running, () => viewer.frames.length > frames)
    expect(viewer.socket.readyState).toBe(viewer.socket.OPEN)
    await whenever(running, () => TinyViewer.connect(url, bearer).then(Boolean, () => false))
    await stop(running)
    strangers.stop()
    const [recording] = readdirSync(join(out, 'recordings'))
    const verified = await marlstrom('playback', join(out, 'recordings', recording!), '--verify', '--json')
    expect(JSON.parse(verified.stdout)).toMatchObject({ whole: true, difference: null })

    // What a stop writes last belongs to the stop.
    const [lines, checkpoints] = [linesIn(out).slice(0, -1), checkpointsIn(out).sort().slice(0, -1)]
    const undisturbed = startLimited(limit, 'train', 'simple_spread', ...settings, '--out', calm)
    await undisturbed.sees(/into/)
    await whenever(
      undisturbed,
      () => linesIn(calm).length > lines.length && checkpointsIn(calm).length > checkpoints.length,
    )
    await stop(undisturbed)
    expect(checkpoints.length).toBeGreaterThan(2)
    for (const name of checkpoints) {
      expect(hashOf(out, name)).toBe(hashOf(calm, name))
    }
    expect(linesIn(calm).slice(0, lines.length)).toEqual(lines)
  })
})

function hashOf(out: string, name: string): string {
  return createHash('sha256')
    .update(readFileSync(join(out, 'checkpoints', name)))
    .digest('hex')
}
