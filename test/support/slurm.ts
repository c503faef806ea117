// A Slurm cluster of one node for a test: munge, controller and node as processes in a temporary folder.
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { freePort } from './free-port.ts'
import { tempFolder } from './temp-folder.ts'

export interface SlurmCluster {
  /** Runs one of its commands; what it prints. */
  run(command: string, ...args: readonly string[]): string
  /** The same, whether it fails or not. */
  ask(command: string, ...args: readonly string[]): void
}

/** Commands that are needed, as root. */
export const slurmCommands = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol'] as const

/** Starts a cluster with two cores; its processes end with the test. */
export async function startSlurm(): Promise<SlurmCluster> {
  const folder = tempFolder()
  const [control, node] = [await freePort(), await freePort()]
  const name = hostname().split('.')[0]!
  const munge = join(folder, 'munge')
  for (const each of ['munge', 'state', 'spool']) mkdirSync(join(folder, each), { mode: 0o700 })
  chmodSync(folder, 0o755)
  writeFileSync(join(munge, 'key'), randomBytes(128), { mode: 0o600 })
  const config = join(folder, 'slurm.conf')
  writeFileSync(config, configOf({ folder, name, control, node, socket: join(folder, 'munge.sock') }))
  // Its commands find it by that.
  vi.stubEnv('SLURM_CONF', config)
  vi.stubEnv('PATH', `${process.env.PATH}:/usr/sbin`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const start = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'ignore' })
  onTestFinished(() => {
    for (const file of ['slurmd.pid', 'slurmctld.pid', 'munge/pid']) {
      try {
        process.kill(Number(readFileSync(join(folder, file), 'utf8')), 'SIGKILL')
      } catch {
        // It has ended already.
      }
    }
  })
  start(
    'munged',
    ...['--force', `--key-file=${join(munge, 'key')}`, `--socket=${join(folder, 'munge.sock')}`],
    ...[`--pid-file=${join(munge, 'pid')}`, `--log-file=${join(munge, 'log')}`, `--seed-file=${join(munge, 'seed')}`],
  )
  start('slurmctld', '-c')
  start('slurmd')
  const ask = (command: string, ...args: readonly string[]) =>
    spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 })
  const run = (command: string, ...args: readonly string[]) => {
    const { stdout, stderr, status } = ask(command, ...args)
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  const state = () => run('sinfo', '--noheader', '--format=%T')
  await vi
    .waitFor(() => expect(state()).toContain('idle'), { timeout: 60_000, interval: 100 })
    .catch(error => {
      throw new Error(
        `the node does not come up: ${error.message}; ${readFileSync(join(folder, 'slurmd.log'), 'utf8')}`,
      )
    })
  return { run, ask }
}

interface Place {
  readonly folder: string
  readonly name: string
  readonly control: number
  readonly node: number
  readonly socket: string
}

function configOf({ folder, name, control, node, socket }: Place): string {
  return `ClusterName=test
SlurmctldHost=${name}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${socket}
CredType=cred/munge
SlurmctldPort=${control}
SlurmdPort=${node}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0
SlurmdParameters=config_overrides
KillWait=10
NodeName=${name} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=${name} Default=YES MaxTime=INFINITE State=UP
`
}
