// The benchmark of learning from rollouts: what its contenders do, the arithmetic of a round, and the parts that its time is put down to.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { kernelNames, partOf, parts } from '../../bench/on-policy-parts.ts'
import { startPython } from '../../bench/peers/contender.ts'
import { profile } from '../../bench/profile.ts'
import { createRolloutRound, roundSteps } from '../../bench/rollout-round.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('a round of a preset', () => {
  it('has the size of the published one', () => {
    expect(roundSteps('jaxmarl')).toBe(16 * 128)
    expect(roundSteps('mappo')).toBe(128 * 25)
    expect(roundSteps('trpo')).toBe(128 * 25)
    expect(roundSteps('acktr')).toBe(128 * 25)
  })

  it('has the arithmetic of its networks: 18-64-64-5, and 54-64-64-1 or 18-64-64-1', async () => {
    const hidden = 64 * 64
    const [actor, joint, local] = [18 * 64 + hidden + 64 * 5, 54 * 64 + hidden + 64, 18 * 64 + hidden + 64]
    const mappo = await createRolloutRound('mappo', 1)
    // Once to act and to judge, and three passes in each of 10 epochs, through the norm of the inputs too.
    expect(mappo.operations).toBe(2 * 9600 * 31 * (actor + joint))
    mappo.dispose()
    const jaxmarl = await createRolloutRound('jaxmarl', 1)
    // Nothing is asked of the gradient at the observations, 18 * 64 of each network, in 4 epochs.
    expect(jaxmarl.operations).toBe(2 * 6144 * (13 * (actor + local) - 4 * 2 * 18 * 64))
    jaxmarl.dispose()
    const trpo = await createRolloutRound('trpo', 1)
    // The gradient, a forward for ten products with the Fisher matrix, one step that is tried; V in 5 epochs.
    const own = 18 * 64
    expect(trpo.operations).toBe(2 * 9600 * (1 + 3 + 1 + 40 + 1) * actor + 2 * 9600 * (16 * local - (21 + 5) * own))
    trpo.dispose()
    const acktr = await createRolloutRound('acktr', 1)
    // Played, judged and learnt from once, and a second way back, whose statistics are of 18, 64, 64, 64, 64 and 5 or 1 numbers.
    const squares = 2 * (18 ** 2 + 4 * 64 ** 2) + 5 ** 2 + 1
    expect(acktr.operations).toBe(2 * 9600 * (5 * (actor + local) - 4 * own + squares))
    acktr.dispose()
  })

  it('puts its time down to every part, by the names that functions have', async () => {
    const { play, learn, dispose } = await createRolloutRound('mappo', 1, { run: { games: 16 } })
    const nameOf = await kernelNames()
    // Until each part has been met: how many samples a second has is the machine's affair, and a busy one takes few.
    const wanted = parts.filter(part => !/GAE|optimizers|rest/.test(part))
    const met = new Set<string>()
    for (let turn = 0; turn < 100 && wanted.some(part => !met.has(part)); turn++) {
      const counts = await profile(
        () => {
          for (let round = 0; round < 6; round++) {
            play()
            learn()
          }
        },
        stack => partOf(stack, nameOf),
      )
      for (const part of counts.keys()) met.add(part)
    }
    dispose()
    expect([...met]).toEqual(expect.arrayContaining(wanted))
  })
})

describe('the part of a sample', () => {
  const driver = { file: 'rollout-round', name: 'learn', isKernel: false }
  const place = (file: string, name: string) => ({ file, name, isKernel: false })
  const update = [place('ppo', 'update'), place('rollout-updates', 'updateSlice'), driver]
  const kernel = { file: '00027646', name: 'wasm-function[7]', isKernel: true }

  it.each([
    ['acting', [kernel, place('simulate', 'act'), place('simulate', 'actAll'), driver], 'activateAll'],
    ['stepping, recording', [place('particle-core', 'step'), place('vector-game', 'advance'), driver], ''],
    ['stepping, recording', [place('rollout', 'write'), place('rollout-updates', 'take'), driver], ''],
    ['values', [kernel, place('state-value', 'both'), place('ppo', 'prepare'), ...update.slice(1)], 'productForward'],
    ['GAE, advantages', [place('gae', 'gae'), place('ppo', 'prepare'), ...update.slice(1)], ''],
    ['passes: activations', [kernel, place('network', 'forward'), ...update], 'activateAll'],
    ['passes: products, layer norms', [kernel, place('network', 'backward'), ...update], 'weightGradient'],
    ['passes: products, layer norms', [kernel, place('network', 'forward'), ...update], ''],
    ['passes: rows chosen and copied', [place('trajectory', 'copy'), place('stochastic-policy', 'at'), ...update], ''],
    ['passes: losses and their gradients', [place('choice', 'entropy'), ...update], ''],
    ['optimizers', [kernel, place('adam', 'step'), place('ppo', 'end'), ...update.slice(1)], 'adam'],
    ['the rest', [place('update-rounds', 'record'), driver], ''],
  ])('is %s', (part, stack, name) => {
    expect(partOf(stack, ({ name: number }) => (number === kernel.name ? name : ''))).toBe(part)
  })

  it('is none where no round drives it', () => {
    expect(partOf([kernel, place('network', 'forward')], () => 'activateAll')).toBeNull()
  })
})

describe('a peer in Python', () => {
  it.each(['jaxmarl_ippo.py', 'torch_mappo_update.py', 'torch_qmix_update.py'])(
    '%s is here, and is left out where Python is not',
    async file => {
      vi.stubEnv('PYTHON', '/nowhere/python')
      expect(await startPython(file, { threads: 1 }, 1)).toContain('ENOENT')
    },
  )
})
