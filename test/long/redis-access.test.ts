// Redis with users of few rights, as docs/redis.md makes them, by TLS, shared by two runs, and one that throws keys away.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import { marlstrom, start, temporaryFolder } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { describeWith } from '../support/programs.ts'
import { startRedis } from '../support/redis.ts'
import { outcomeIn, shortRun, startRemote, undisturbed } from '../support/remote-run.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/redis.md'), 'utf8')
/** The command of a recipe, word by word. */
function recipe(of: 'learner' | 'actor', values: Readonly<Record<string, string>>): string[] {
  const [, text] = page.match(new RegExp(`\`\`\`redis-${of}\\n(.*)\\n\`\`\``))!
  const filled = Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), text!)
  // A selector is one word.
  return filled.match(/\([^)]*\)|\S+/g)!
}
const as = (url: string, user: string) => url.replace('://', `://${user}:secret@`)
const client = (url: string) => {
  const redis = new Redis(url, { retryStrategy: () => null, enableReadyCheck: false })
  onTestFinished(() => redis.disconnect())
  return redis
}

describeWith(['redis-server', 'redis-cli', 'openssl'], 'redis-server openssl', 'Redis with few rights', () => {
  it('is enough for a learner and its actors, and they can do nothing else', async () => {
    const redis = await startRedis()
    const expected = undisturbed(...shortRun)
    redis.command(...recipe('learner', { PASSWORD: 'secret', '{KEY}:': '' }))
    redis.command('ACL', 'SETUSER', 'admin', 'on', '>secret', '~*', '+@all')
    redis.command('ACL', 'SETUSER', 'default', 'resetkeys', '-@all', '+ping')
    const { folder, learner, runKey } = await startRemote(as(redis.url, 'learner'), ...shortRun)
    const admin = client(as(redis.url, 'admin'))
    for (const NAME of ['one', 'two'])
      await admin.call(...(recipe('actor', { NAME, PASSWORD: 'secret', KEY: runKey }) as [string, ...string[]]))
    // From here on with no more than its own run.
    await admin.call(...(recipe('learner', { PASSWORD: 'secret', KEY: runKey }) as [string, ...string[]]))

    const one = client(as(redis.url, 'one'))
    const key = (name: string) => `marlstrom:{${runKey}}:${name}`
    await expect.poll(() => one.get(key('manifest'))).not.toBeNull()
    const forbidden: string[][] = [
      ...[
        ['set', key('manifest'), 'x'],
        ['set', key('weights:0'), 'x'],
        ['set', key('newest'), '9'],
        ['del', key('manifest')],
      ],
      ...[
        ['get', key('lease:two')],
        ['get', key('lease:one')],
        ['set', key('lease:two'), 'x'],
        ['del', key('lease:two')],
      ],
      ...[
        ['xreadgroup', 'GROUP', 'players', 'x', 'STREAMS', key('tickets:two'), '>'],
        ['xack', key('tickets:two'), 'players', '1-1'],
      ],
      ...[
        ['xadd', key('tickets:one'), '*', 'a', 'b'],
        ['xadd', key('played:two'), '*', 'a', 'b'],
        ['del', key('tickets:one')],
      ],
      ...[
        ['xread', 'STREAMS', key('played:one'), '0'],
        ['xdel', key('played:one'), '1-1'],
        ['get', key('refused:two')],
      ],
      ...[
        ['set', key('refused:two'), 'x'],
        ['get', 'marlstrom:{x}:manifest'],
        ['keys', '*'],
        ['scan', '0'],
        ['flushall'],
        ['info'],
      ],
      ...[
        ['config', 'get', '*'],
        ['acl', 'whoami'],
        ['eval', 'return 1', '0'],
        ['client', 'list'],
        ['mget', key('lease:two')],
      ],
    ]
    for (const [name, ...args] of forbidden)
      await expect(one.call(name!, ...args), `${name} ${args}`).rejects.toThrow(/NOPERM/)
    const theirs = client(as(redis.url, 'learner'))
    await expect(theirs.set('marlstrom:{other}:manifest', 'x')).rejects.toThrow(/NOPERM/)

    const actors = ['one', 'two'].map(name =>
      start('actor', '--redis', as(redis.url, name), '--run-key', runKey, '--name', name),
    )
    for (const actor of actors) expect(await actor.finished).toMatchObject({ code: 0, stderr: '' })
    expect(await learner.finished).toMatchObject({ code: 0, stderr: '' })
    expect(outcomeIn(folder)).toBe(await expected)
  })

  it('plays by TLS, and not with a certificate that does not hold', async () => {
    const folder = temporaryFolder()
    const [certificate, secret] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const port = await freePort()
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-keyout', secret, '-out', certificate, '-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ],
      { stdio: 'ignore' },
    )
    await startRedis(
      ...['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', secret],
      ...['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'],
    )
    const url = `rediss://127.0.0.1:${port}`
    const refused = await marlstrom('train', ...shortRun, '--redis', url, '--out', join(folder, 'refused'))
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/--redis: rediss:.* \(self-signed certificate\)/),
    ])
    vi.stubEnv('NODE_EXTRA_CA_CERTS', certificate)
    const run = await startRemote(url, ...shortRun)
    const actor = start('actor', '--redis', url, '--run-key', run.runKey)
    expect(await actor.finished).toMatchObject({ code: 0, stderr: '' })
    expect(await run.learner.finished).toMatchObject({ code: 0, stderr: '' })
    vi.unstubAllEnvs()
    expect(outcomeIn(run.folder)).toBe(await undisturbed(...shortRun))
  })

  it('is shared by two runs, under one prefix and under two', async () => {
    const redis = await startRedis()
    const other = [...shortRun, '--seed', '9']
    const runs = [
      { args: shortRun, prefix: [] },
      { args: other, prefix: [] },
      { args: other, prefix: ['--redis-prefix', 'team.b'] },
    ]
    const outcomes = await Promise.all(
      runs.map(async ({ args, prefix }) => {
        const { folder, learner, runKey } = await startRemote(redis.url, ...args, ...prefix)
        // The same name in every run.
        const actor = start('actor', '--redis', redis.url, '--run-key', runKey, '--name', 'one', ...prefix)
        expect(await actor.finished).toMatchObject({ code: 0, stderr: '' })
        expect(await learner.finished).toMatchObject({ code: 0, stderr: '' })
        return outcomeIn(folder)
      }),
    )
    const [first, second] = [await undisturbed(...shortRun), await undisturbed(...other)]
    expect(outcomes).toEqual([first, second, second])
  })

  it('is refused where it throws keys away, and where there is none', async () => {
    const redis = await startRedis('--maxmemory-policy', 'allkeys-lru')
    const out = join(temporaryFolder(), 'run')
    const evicting = await marlstrom('train', ...shortRun, '--redis', redis.url, '--out', out)
    expect([evicting.code, evicting.stderr]).toEqual([
      2,
      expect.stringMatching(/--redis: .* has maxmemory-policy allkeys-lru, .*expected noeviction/),
    ])
    const nobody = await marlstrom('train', ...shortRun, '--redis', `redis://user:hush@127.0.0.1:${await freePort()}`)
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringMatching(/does not answer as a Redis does/)])
    expect(nobody.stderr).not.toContain('hush')
  })
})
