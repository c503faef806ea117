// A run shown to other machines: with a token, and until it is asked to end.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { TinyViewer, until } from '../../stream/tiny-stream.ts'
import { marlstrom, start, temporaryFolder, tiny } from '../../support/command.ts'

const token = '0123456789abcdef-0123456789abcdef'

it('is refused without one, before anything is trained', async () => {
  const out = join(temporaryFolder(), 'run')
  const { code, stderr } = await marlstrom(
    'train',
    'simple_spread',
    ...tiny,
    '--watch',
    '0',
    '--host',
    '0.0.0.0',
    '--out',
    out,
  )
  expect(code).toBe(2)
  expect(stderr).toContain('0.0.0.0 is open to other machines')
  expect(() => readdirSync(out)).toThrow('ENOENT')
})

it('remarks on tokens that others could guess or read, and tells none', async () => {
  const file = join(temporaryFolder(), 'tokens')
  writeFileSync(file, `operator=${token}\n`)
  chmodSync(file, 0o644)
  const running = start('watch', 'simple_spread', '--port', '0', '--token-file', file, '--trust-proxy', '192.0.2.7')
  await running.sees(/live page: /)
  running.process.kill('SIGTERM')
  const { code, stdout, stderr } = await running.finished
  expect(code).toBe(0)
  expect(stderr).toBe(
    "note: the operator's token follows a pattern and can be guessed; use what 'openssl rand -hex 32' prints\n" +
      `note: ${file} is open to other users of this machine (mode 644); close it with chmod 600\n`,
  )
  expect(stdout + stderr).not.toContain(token)
})

it('takes addresses of proxies alone', async () => {
  const { code, stderr } = await marlstrom('watch', 'simple_spread', '--trust-proxy', 'proxy.example.org')
  expect(code).toBe(2)
  expect(stderr).toContain("Expected an IP address like 192.0.2.1, got 'proxy.example.org'.")
})

it('ends in good order with viewers and a recording when it is told to, and tells the token nowhere', async () => {
  vi.stubEnv('MARLSTROM_OPERATOR_TOKEN', token)
  onTestFinished(() => void vi.unstubAllEnvs())
  const out = join(temporaryFolder(), 'run')
  const more = ['--episodes', '1000000', '--record', '--watch', '0', '--host', '0.0.0.0', '--out', out]
  const running = start('train', 'simple_spread', ...tiny, ...more)
  const [, port] = await running.sees(/live page: http:\/\/[\d.]+:(\d+)\/\?token=<token>/)
  const url = `http://127.0.0.1:${port}/`
  await expect(TinyViewer.connect(url)).rejects.toThrow('401')
  const viewers = await Promise.all(
    Array.from({ length: 5 }, () => TinyViewer.connect(url, { authorization: `Bearer ${token}` })),
  )
  for (const { frames } of viewers) await until(() => expect(frames.length).toBeGreaterThan(1))
  running.process.kill('SIGTERM')
  for (const viewer of viewers) {
    expect(await viewer.closed).toBe(1000)
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'the training was stopped' })
    expect(viewer.state).toMatchObject({ status: 'ended' })
  }
  const { code, stdout, stderr } = await running.finished
  expect(code).toBe(0)
  expect(readdirSync(join(out, 'checkpoints')).length).toBeGreaterThan(0)
  const [recording] = readdirSync(join(out, 'recordings'))
  const verified = await marlstrom('playback', join(out, 'recordings', recording!), '--verify', '--json')
  expect(verified.code).toBe(0)
  expect(JSON.parse(verified.stdout)).toMatchObject({ whole: true, difference: null })
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(name => /\.(json|jsonl)$/.test(name))
  for (const text of [stdout, stderr, ...files.map(name => readFileSync(join(out, name), 'utf8'))]) {
    expect(text).not.toContain(token)
  }
})

it('is shown behind a proxy by its public address, with a token alone', async () => {
  const publicUrl = 'https://lab.example/marl'
  const refused = await marlstrom('watch', 'simple_spread', '--port', '0', '--public-url', publicUrl)
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining("public-url: https://lab.example/marl/ is open to others: an operator's token is needed"),
  ])
  const wrong = await marlstrom('watch', 'simple_spread', '--public-url', 'lab.example/marl')
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("got 'lab.example/marl'")])
  vi.stubEnv('MARLSTROM_OPERATOR_TOKEN', token)
  onTestFinished(() => void vi.unstubAllEnvs())
  const running = start('watch', 'simple_spread', '--port', '0', '--public-url', publicUrl)
  const [, local] = await running.sees(
    /live page: https:\/\/lab\.example\/marl\/\?token=<token> {3}\(by a proxy to (http:\/\/127\.0\.0\.1:\d+\/)\)/,
  )
  const headers = { authorization: `Bearer ${token}`, origin: 'https://lab.example' }
  expect((await fetch(`${local}marl/sessions`, { headers })).status).toBe(200)
  running.process.kill('SIGINT')
  expect((await running.finished).code).toBe(0)
})
