// Ctrl-C and SIGTERM: the first asks, the second ends; and while a run is being opened nothing is lost by either.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { entry, marlstrom, start, temporaryFolder, tiny } from '../support/command.ts'

const built = resolve(entry, '../terminal/interruption.js')

/** Runs a program with the built module in a process of its own. */
function run(program: string): Promise<{ code: number | null; signal: string | null; stdout: string }> {
  const source = `import { createInterruption } from ${JSON.stringify(built)}; ${program}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'pipe' })
  let stdout = ''
  child.stdout.on('data', data => {
    stdout += data
  })
  return new Promise(done => child.on('close', (code, signal) => done({ code, signal, stdout })))
}

const forever = 'setInterval(() => {}, 1000);'

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM'])('%s asks once and ends the process at the second time', async signal => {
    const { code, stdout } = await run(
      `${forever} const kill = () => process.kill(process.pid, '${signal}')
       const interruption = createInterruption(() => { console.log('asked'); setImmediate(kill) })
       interruption.listen(); kill()`,
    )
    expect(stdout).toBe('asked\n')
    expect(code).toBe(130)
  })

  it('end the process as ever before they are listened to, and afterwards', async () => {
    for (const listening of ['', 'interruption.listen(); interruption.close();']) {
      const { signal } = await run(
        `${forever} const interruption = createInterruption(); ${listening} process.kill(process.pid, 'SIGINT')`,
      )
      expect(signal).toBe('SIGINT')
    }
  })

  it('are told to whoever asks later', async () => {
    const { code, stdout } = await run(
      `${forever} const interruption = createInterruption(() => setImmediate(() => {
         interruption.asked$.subscribe(() => { console.log(interruption.asked); process.exit(3) })
       }))
       interruption.listen(); process.kill(process.pid, 'SIGINT')`,
    )
    expect([code, stdout]).toEqual([3, 'true\n'])
  })
})

/** A scenario that sends its process a signal, once, when a world is made while there is such a file. */
const selfish = `
import { existsSync } from 'node:fs'
import { defineScenario } from 'marlstrom'
let sent = false
export const selfish = defineScenario({
  id: 'selfish', version: 1, description: 'one agent', options: {},
  world() {
    if (!sent && existsSync(process.env.SIGNAL_WHILE ?? '')) {
      sent = true
      process.kill(process.pid, 'SIGINT')
    }
    return { agents: [{ id: 'agent_0' }], landmarks: [] }
  },
  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), 0)
  },
  observe: ({ agent, see }) => see.vector('velocity', agent.velocity),
  reward: ({ agent }) => -Math.abs(agent.velocity.x),
})
`

describe('a signal while a run is opened', () => {
  const file = () => {
    const path = join(temporaryFolder(), 'selfish.ts')
    writeFileSync(path, selfish)
    return path
  }

  it('ends a new one before there is a folder', async () => {
    const out = join(temporaryFolder(), 'run')
    const scenario = file()
    vi.stubEnv('SIGNAL_WHILE', scenario)
    const running = start('train', scenario, ...tiny, '--out', out)
    vi.unstubAllEnvs()
    await running.finished
    expect(running.process.signalCode).toBe('SIGINT')
    expect(existsSync(out)).toBe(false)
  })

  it('ends one that is resumed as it was, its folder free', async () => {
    const out = join(temporaryFolder(), 'run')
    expect((await marlstrom('train', file(), ...tiny, '--episodes', '12', '--out', out)).code).toBe(0)
    vi.stubEnv('SIGNAL_WHILE', join(out, 'trainer.pid'))
    const running = start('train', '--resume', out, '--episodes', '100000', '--json')
    vi.unstubAllEnvs()
    const { code, stdout } = await running.finished
    expect(code).toBe(0)
    const events = stdout.trim().split('\n')
    expect(JSON.parse(events.at(-1)!)).toMatchObject({ event: 'summary', episodes: 12, stopped: true })
    expect(existsSync(join(out, 'trainer.pid'))).toBe(false)
    expect(readdirSync(join(out, 'checkpoints'))).toEqual(['000000012.safetensors'])
    const resumed = await marlstrom('train', '--resume', out, '--episodes', '14', '--json')
    expect(JSON.parse(resumed.stdout.trim().split('\n').at(-1)!)).toMatchObject({ episodes: 14, stopped: false })
  })
})
