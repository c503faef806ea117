// Puts native TensorFlow (@tensorflow/tfjs-node) into node_modules, built against TensorFlow from Python's registry: npm's package wants a
// binary from elsewhere. Built once and kept in the cache folder of the user. Exits with 3 and says why where something it needs is missing.
//
//   node scripts/native-tensorflow.mjs
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bindings = '4.22.0'
const tensorflow = '2.18.0'
/** Of the N-API, whose binaries every later Node loads. */
const napi = 8
/** Begins what is said where the machine lacks something; all else is a failure. */
const missing = 'missing here: '
/** Of these there must be one copy only: the checkout's. */
const shared = ['tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu', 'tfjs-backend-wasm']

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'marlstrom',
  `tfjs-node-${bindings}-tensorflow-${tensorflow}-${process.platform}-${process.arch}`,
)

/** Of the wheel: libraries to deps/lib, headers to deps/include. */
const unpack = `
import glob, os, shutil, sys, zipfile
folder, deps = sys.argv[1:]
wheel = glob.glob(os.path.join(folder, '*.whl'))[0]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        head, _, rest = name.partition('tensorflow/include/')
        if head == '' and rest.split('/')[0] in ('tensorflow', 'xla', 'tsl', 'absl'):
            path = os.path.join(deps, 'include', rest)
        elif name in ('tensorflow/libtensorflow_framework.so.2', 'tensorflow/libtensorflow_cc.so.2'):
            path = os.path.join(deps, 'lib', os.path.basename(name))
        else:
            continue
        if not name.endswith('/'):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(name) as source, open(path, 'wb') as target:
                shutil.copyfileobj(source, target)
os.remove(wheel)
`

try {
  if (!existsSync(kept)) build()
  place()
  console.log(`native TensorFlow ${tensorflow} by @tensorflow/tfjs-node ${bindings}, from ${kept}`)
} catch (error) {
  if (!error.message.startsWith(missing)) throw error
  console.log(`skipped: native TensorFlow: ${error.message}`)
  process.exitCode = 3
}

/** In a folder beside the kept one, which gets its name when all has worked. */
function build() {
  for (const program of ['make', 'g++']) {
    if (spawnSync(program, ['--version']).status !== 0) throw new Error(`${missing}a compiler (${program})`)
  }
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) throw new Error(`${missing}python3 with pip`)
  const folder = `${kept}.${process.pid}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    const packages = [`@tensorflow/tfjs-node@${bindings}`, 'node-gyp@11', 'node-addon-api@8']
    npmInstall(folder, packages)
    const home = join(folder, 'node_modules/@tensorflow/tfjs-node')
    fetchTensorFlow(folder, join(home, 'deps'))
    const headers = headersOf(folder)
    run('npx', ['node-gyp', 'configure', 'build', `--napi_build_version=${napi}`, ...moduleOptions(home)], home, {
      npm_config_nodedir: headers,
    })
    for (const name of ['build', 'deps/include']) rmSync(join(home, name), { recursive: true })
    const needless = ['node-gyp', 'node-addon-api', '.bin', '.package-lock.json', `node-${platform()}`]
    for (const name of [...needless, ...shared.map(name => `@tensorflow/${name}`)]) {
      rmSync(join(folder, 'node_modules', name), { recursive: true, force: true })
    }
    renameSync(folder, kept)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function moduleOptions(home) {
  return ['--module_name=tfjs_binding', `--module_path=${home}/lib/napi-v${napi}`]
}

/** Headers and libraries out of the wheel of Python's registry; which Python it is for does not matter. */
function fetchTensorFlow(folder, deps) {
  const options = ['--no-deps', '--only-binary=:all:', '--python-version=3.11', '--quiet', `--dest=${folder}`]
  fetchBy('python3', ['-m', 'pip', 'download', ...options, `tensorflow-cpu==${tensorflow}`], folder)
  run('python3', ['-c', unpack, folder, deps], folder)
  for (const [link, to] of Object.entries({
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  })) {
    symlinkSync(to, join(deps, 'lib', link))
  }
}

/** A folder with include/node: that of the running Node, else npm's package of the same version, which brings its headers. */
function headersOf(folder) {
  const installed = [dirname(dirname(process.execPath)), '/usr', '/usr/local'].find(hasHeaders)
  if (installed !== undefined) return installed
  npmInstall(folder, [`node-${platform()}@${process.versions.node}`])
  const fetched = join(folder, 'node_modules', `node-${platform()}`)
  if (!hasHeaders(fetched)) throw new Error(`${missing}headers of Node ${process.versions.node}`)
  return fetched
}

/** Whether they are of the running Node's major version. */
function hasHeaders(prefix) {
  const file = join(prefix, 'include/node/node_version.h')
  if (!existsSync(file)) return false
  const [, major] = /NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(file, 'utf8')) ?? []
  return major === process.versions.node.split('.')[0]
}

function platform() {
  return `${process.platform}-${process.arch}`
}

/** The package and what only it needs as one folder within node_modules; its libraries are links into the kept folder. */
function place() {
  const home = join(root, 'node_modules/@tensorflow/tfjs-node')
  const from = join(kept, 'node_modules')
  const source = join(from, '@tensorflow/tfjs-node')
  rmSync(home, { recursive: true, force: true })
  const large = [join(source, 'deps'), join(source, 'lib')]
  cpSync(source, home, { recursive: true, filter: path => !large.includes(path) })
  cpSync(from, join(home, 'node_modules'), { recursive: true, filter: path => path !== source })
  for (const path of large) symlinkSync(path, join(home, path.slice(source.length + 1)))
}

function npmInstall(folder, packages) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  fetchBy('npm', ['install', ...quiet, '--prefix', folder, ...packages], folder)
}

/** @throws Error as of something missing: the registry does not answer or does not have it. */
function fetchBy(program, args, cwd) {
  try {
    run(program, args, cwd)
  } catch (error) {
    throw new Error(`${missing}${error.message}`)
  }
}

/** @throws Error with the last lines that the program wrote. */
function run(program, args, cwd, more = {}) {
  try {
    execFileSync(program, args, {
      cwd,
      env: { ...process.env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1e8,
    })
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-5).join('\n')
    throw new Error(`${program} ${args.slice(0, 3).join(' ')} failed: ${said || error.message}`)
  }
}
