// The package as a stranger gets it: packed, installed into an empty folder from the registry, and used there with nothing else.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { publicNames } from '../../scripts/public-names.mjs'
import { type Packed, packAndInstall } from '../support/installed-package.ts'
import { entries, examples, named } from '../support/public-examples.ts'

const root = resolve(import.meta.dirname, '../..')
const away = mkdtempSync(join(tmpdir(), 'marlstrom-package-'))
const app = join(away, 'app')
const tiny = ['learner.batch=32', 'learner.updateAfter=250', 'network.hidden=[16,16]', 'run.logEvery=10'].flatMap(
  setting => ['--set', setting],
)

/** As `npx marlstrom` does within the folder. */
function marlstrom(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(app, 'node_modules/.bin/marlstrom'), args, {
    cwd: app,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: status, stdout, stderr }
}

function works(...args: readonly string[]): string {
  const { code, stdout, stderr } = marlstrom(...args)
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

let packed: Packed
beforeAll(() => {
  ;({ packed } = packAndInstall(away))
}, 300_000)
afterAll(() => rmSync(away, { recursive: true, force: true, maxRetries: 5 }), 120_000)

describe('the tarball', () => {
  it('has what is used and nothing else', () => {
    const paths = packed.files.map(({ path }) => path)
    expect(paths.filter(path => /\.(map|png)$|^(src|test|viewer|node_modules)\//.test(path))).toEqual([])
    for (const path of [
      'README.md',
      'LICENSE',
      'dist/src/index.d.ts',
      'dist/viewer/index.html',
      'docs/config.schema.json',
    ])
      expect(paths).toContain(path)
  })

  it('is small, and so is what comes with it', () => {
    expect(packed.size).toBeLessThan(1e6)
    expect(packed.unpackedSize).toBeLessThan(3e6)
    // By inode: a file that several names lead to takes its room once.
    const names = readdirSync(join(app, 'node_modules'), { recursive: true, encoding: 'utf8' })
    const sizes = new Map(
      names.map(name => statSync(join(app, 'node_modules', name))).map(({ ino, size }) => [ino, size]),
    )
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeLessThan(55e6)
    expect(existsSync(join(app, 'node_modules/@tensorflow'))).toBe(false)
  })
})

describe('the command', () => {
  it('lists, trains, evaluates, reports, exports', () => {
    expect(works('list')).toContain('simple_spread')
    works('train', 'simple_spread', ...tiny, '--episodes', '30', '--out', 'spread')
    expect(works('train', '--resume', 'spread', '--episodes', '40')).toContain('40 episodes')
    expect(works('evaluate', 'spread', '--episodes', '50')).toContain('scripted controller')
    expect(works('runs', '.')).toContain('spread')
    works('report', 'spread', '--out', 'report.html', '--episodes', '50')
    expect(readFileSync(join(app, 'report.html'), 'utf8')).toContain('simple_spread')
    expect(works('export', 'spread', '--format', 'js')).toContain('compared with the actor')
    works('export', 'spread', '--format', 'page')
    const page = readFileSync(join(app, 'spread/export/simple_spread.html'), 'utf8')
    expect(page).toContain('## rxjs - ')
    // The package itself is none of those whose notices it gives, and nothing in the page says where it was made.
    expect(page).not.toContain('## marlstrom')
    expect(page).not.toContain(away)
  })

  it('says how to have TensorFlow.js where it is needed, and exports for it without', () => {
    expect(works('export', 'spread', '--format', 'tfjs')).toMatch(
      /not run here: TensorFlow\.js is not installed \(npm install/,
    )
    const { code, stderr } = marlstrom('train', 'simple_spread', '--backend', 'tfjs', '--out', 'tfjs')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/run\.backend: .* npm install @tensorflow\/tfjs-core@4/)])
    expect(existsSync(join(app, 'tfjs'))).toBe(false)
  })

  it('serves the live page', async () => {
    const child = spawn(join(app, 'node_modules/.bin/marlstrom'), ['watch', 'simple_spread'], { cwd: app })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = await new Promise<string>((found, missed) => {
      let seen = ''
      child.stdout.on('data', data => {
        seen += data
        const match = /live page: (\S+)/.exec(seen)
        if (match !== null) found(match[1]!)
      })
      child.on('close', code => missed(new Error(`ended with ${code}: ${seen}`)))
    })
    const page = await (await fetch(url)).text()
    const script = /src="([^"]+\.js)"/.exec(page)?.[1]
    expect((await fetch(new URL(script!, url))).status).toBe(200)
    for (const file of ['client.js', 'stage.js']) expect((await fetch(new URL(file, url))).status).toBe(200)
    // The client goes together with the rxjs of a program.
    const program = `import { connect } from 'marlstrom/client'
import { firstValueFrom, map } from 'rxjs'
const client = connect('${url}')
console.log(await firstValueFrom(client.state$.pipe(map(state => state.run.scenario))))
console.log(typeof (await firstValueFrom(client.frames$)).number)
client.close()
`
    writeFileSync(join(app, 'client.mjs'), program)
    const output = await promisify(execFile)(process.execPath, ['client.mjs'], { cwd: app })
    expect(output).toEqual({ stdout: 'simple_spread\nnumber\n', stderr: '' })
  })

  it('makes, checks, tests and trains a scenario of a user', () => {
    works('new', 'herd')
    expect(works('check', './herd.ts')).toContain('checks passed')
    works('train', './herd.ts', ...tiny, '--episodes', '20', '--out', 'herd')
    execFileSync(process.execPath, ['--test', 'herd.test.mjs'], { cwd: app })
  })
})

const clientProgram = `import { type Client, connect } from 'marlstrom/client'

const client: Client = connect('ws://127.0.0.1:8120/stream', { rate: 10 })
client.state$.subscribe(({ run }) => void run.scenario.length)
client.frames$.subscribe(({ row }) => void row[0])
client.metrics$.subscribe(({ returns }) => void Object.values(returns)[0]?.toFixed(2))
client.inspect('agent_0').subscribe(({ value }) => void value)
// @ts-expect-error: there is no such command
export const refused: Promise<void> = client.command({ type: 'jump' })
`

const pageProgram = `import 'marlstrom/stage'
import type { MarlstromStage } from 'marlstrom/stage'

const stage: MarlstromStage = document.createElement('marlstrom-stage')
stage.client?.close()
`

describe('the library', () => {
  const program = () => /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))![1]!

  it("runs the README's program", () => {
    writeFileSync(join(app, 'program.mjs'), program().replace('2_000', '200'))
    const output = execFileSync(process.execPath, ['program.mjs'], { cwd: app, encoding: 'utf8' })
    expect(output).toMatch(/^episode 100: -[\d.]+\nepisode 200: -[\d.]+\ntrained in \d+ update rounds\n$/)
  })

  it('says in editors what every public name is', () => {
    const installed = join(app, 'node_modules/marlstrom/dist')
    const shown = entries.flatMap(([, declared]) => publicNames(join(installed, declared)))
    expect(shown.map(({ path }) => path)).toEqual(named.map(({ path }) => path))
    const silent = shown.filter(({ comment }, i) => comment !== named[i]!.comment)
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for TypeScript, strict to the libraries too: module %s, resolution %s', (module, moduleResolution) => {
    writeFileSync(join(app, 'program.ts'), program())
    writeFileSync(join(app, 'client.ts'), clientProgram)
    writeFileSync(join(app, 'page.ts'), pageProgram)
    writeFileSync(join(app, 'every-name.ts'), everyName())
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2022',
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types: [],
    }
    const check = (config: object) => {
      writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(config))
      const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', app], { encoding: 'utf8' })
      expect([status, stdout]).toEqual([0, ''])
    }
    check({ compilerOptions, files: ['program.ts', 'herd.ts', 'client.ts', 'every-name.ts'] })
    check({ compilerOptions: { ...compilerOptions, lib: ['es2022', 'dom'] }, files: ['client.ts', 'page.ts'] })
  })

  it('has examples in the comments of its names that TypeScript accepts as they stand', () => {
    const folder = join(app, 'of-names')
    mkdirSync(folder)
    for (const { name, code } of examples) writeFileSync(join(folder, `${name}.ts`), code)
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      noEmit: true,
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, ''])
  })
})

/** A file that imports all public names, types as types, and none of them in vain. */
function everyName(): string {
  const direct = publicNames(join(root, 'src/index.ts')).filter(({ path }) => !path.includes('.'))
  const names = [...new Set(direct.map(({ name }) => name))]
  const types = new Set(
    direct.filter(({ source }) => /^export (interface|type)\b/.test(source)).map(({ name }) => name),
  )
  const list = names.map(name => (types.has(name) ? `type ${name}` : name)).join(', ')
  return `import { ${list} } from 'marlstrom'\nexport { ${list} }\n`
}
