// node --import failpoint.mjs: kills the process with SIGKILL before its n-th call that changes the disk, n from FAIL_AT. Of what would be
// written then, the first half is. Without FAIL_AT it counts: at the end the names of all such calls are written to stderr as JSON.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const changing = [
  ...[
    'openSync',
    'writeSync',
    'fsyncSync',
    'renameSync',
    'linkSync',
    'copyFileSync',
    'rmSync',
    'unlinkSync',
    'mkdirSync',
  ],
  ...['writeFileSync', 'appendFileSync', 'truncateSync', 'ftruncateSync', 'fsync'],
]
const failAt = Number(process.env.FAIL_AT ?? 0)
// A mark that is renewed now and then would be one call more or less, as the machine is slower or faster: it is renewed never.
const { setInterval } = globalThis
globalThis.setInterval = (act, _, ...given) => setInterval(act, 2 ** 31 - 1, ...given)
const seen = []

for (const name of changing) {
  const call = fs[name]
  fs[name] = (...given) => {
    const onlyReads = name === 'openSync' && (given[1] ?? 'r') === 'r'
    if (onlyReads || typeof given[1] === 'number') return call(...given)
    seen.push(name)
    if (seen.length === failAt) {
      if (name === 'writeSync') call(given[0], given[1].subarray(0, given[1].length >> 1))
      if (name === 'appendFileSync' || name === 'writeFileSync')
        call(given[0], given[1].slice(0, given[1].length >> 1), ...given.slice(2))
      process.kill(process.pid, 'SIGKILL')
    }
    return call(...given)
  }
}
syncBuiltinESMExports()
if (failAt === 0) process.on('exit', () => process.stderr.write(JSON.stringify(seen)))
