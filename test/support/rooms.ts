// Which room of the source may import which, and which packages: what test/architecture.test.ts holds the source against.

/** What there is to know about networks without knowing a backend. */
const networkContracts = [
  'matrix',
  'members',
  'members-of',
  'network',
  'sets',
  'standard',
  'curvature',
  'atoms',
  'choices',
  'recurrence',
  'backend',
  'softmax',
  'mixing',
  'saved-networks',
  'workspace',
].map(file => `nn/${file}`)

/**
 * Rooms (folders of src; scenarios, viewer and examples beside it) and what each may import beside itself. `a/b` names one file or
 * folder of a room, `types:` stands for `import type` only. `dictionary`: the files at the top of src but src/index.ts, which is `index`.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  // What everybody may know.
  elementary: [],
  dictionary: ['elementary'],
  settings: ['dictionary'],
  text: [],
  installation: [],
  wire: [],
  statistics: ['elementary', 'types:dictionary'],
  // Games.
  envs: ['dictionary', 'settings'],
  scenarios: ['elementary', 'envs/entity', 'envs/markov-game', 'envs/scenario'],
  analysis: ['dictionary', 'types:envs'],
  grids: ['dictionary', 'envs/action-choice', 'envs/saved-world', 'settings', 'types:envs'],
  games: [
    'analysis',
    'dictionary',
    'envs/action-choice',
    'envs/game-definition',
    'envs/markov-game',
    'grids',
    'settings',
    'types:envs',
  ],
  // Learning.
  nn: ['dictionary'],
  replay: ['dictionary', 'nn/matrix', 'settings'],
  agents: ['dictionary', ...networkContracts, 'types:settings'],
  rollout: ['agents', 'dictionary', 'nn/matrix', 'types:learning'],
  learning: ['agents', 'dictionary', ...networkContracts, 'replay', 'rollout', 'settings'],
  maddpg: ['agents', 'dictionary', 'learning', ...networkContracts, 'replay', 'settings'],
  'policy-gradient': ['agents', 'dictionary', 'learning', ...networkContracts, 'replay', 'rollout', 'settings'],
  'value-decomposition': [
    ...['agents', 'dictionary', 'learning', 'maddpg', ...networkContracts, 'replay', 'rollout', 'settings'],
  ],
  algorithms: [
    'agents',
    'dictionary',
    'learning',
    'maddpg',
    ...networkContracts,
    'policy-gradient',
    'replay',
    'settings',
    'value-decomposition',
  ],
  engine: ['dictionary', 'envs/joint-step', 'types:agents', 'types:envs', 'types:learning', 'types:replay'],
  actors: ['dictionary', 'engine/simulate', 'envs', 'types:agents', 'types:learning', 'types:nn'],
  // A run, and its game for viewers.
  tensorboard: ['dictionary', 'wire'],
  experiment: [
    ...['dictionary', 'engine', 'envs', 'statistics/estimate', 'tensorboard', 'text'],
    ...['types:actors', 'types:agents', 'types:learning', 'types:replay', 'types:settings'],
  ],
  exhibition: [
    ...['agents', 'dictionary', 'engine', 'envs', 'experiment/commands', 'settings', 'types:experiment'],
    'types:learning',
  ],
  authoring: ['agents', 'dictionary', 'envs', 'exhibition', 'experiment', 'installation'],
  // What runs and their actors elsewhere say to each other.
  remote: ['actors/saved-bytes', 'dictionary', 'experiment/write-safetensors', 'types:actors', 'types:nn'],
  run: [
    ...[
      'remote',
      'actors',
      'agents',
      'algorithms',
      'analysis',
      'authoring',
      'dictionary',
      'engine',
      'envs',
      'exhibition',
    ],
    ...['experiment', 'games', 'installation', 'learning', 'maddpg', 'nn', 'replay', 'scenarios', 'settings', 'text'],
  ],
  starting: ['authoring', 'dictionary', 'experiment', 'installation', 'remote/run-key', 'run', 'text'],
  jobs: [
    ...['authoring', 'catalogue/last-line', 'dictionary', 'engine', 'experiment', 'installation', 'run', 'starting'],
    'statistics',
  ],
  sweep: [
    ...[
      'catalogue/last-line',
      'dictionary',
      'experiment/atomic-file',
      'experiment/trainer-lock',
      'installation',
      'jobs',
    ],
    ...['remote/connect-redis', 'run', 'settings', 'starting/old-keys-note', 'statistics', 'text'],
  ],
  // What is shown.
  picture: ['types:envs'],
  stream: ['dictionary', 'experiment/commands', 'types:envs', 'types:experiment'],
  foxglove: [
    ...['dictionary', 'engine/frames', 'picture', 'stream/read-request', 'stream/reading', 'stream/viewer-connection'],
    ...['types:envs', 'types:experiment', 'types:stream', 'wire'],
  ],
  recording: [
    ...['dictionary', 'envs/mask-reader', 'exhibition/pace', 'foxglove/channels', 'stream/frame-codec', 'text'],
    ...['types:envs', 'types:experiment'],
  ],
  live: [
    ...['authoring', 'dictionary', 'exhibition', 'experiment/run-folder', 'run'],
    ...['types:experiment', 'types:recording', 'types:stream'],
  ],
  // What a page is opened with, and what is shown on it.
  serving: [
    ...['authoring', 'dictionary', 'envs', 'exhibition', 'experiment', 'foxglove', 'installation', 'live', 'recording'],
    ...['run', 'starting', 'stream', 'text'],
  ],
  render: ['picture', 'types:envs'],
  // Its other end, in programs and pages.
  client: [
    ...['experiment/commands', 'stream/binary', 'stream/frame-codec', 'stream/inspection-codec', 'stream/protocol'],
    'stream/read-message',
  ],
  viewer: [
    ...['client', 'dictionary', 'experiment/commands', 'offline/local-connection', 'picture', 'stream/protocol'],
    ...['types:envs', 'types:experiment', 'types:report', 'types:stream'],
  ],
  offline: [
    'run/written-policy',
    ...['agents', 'authoring/exported-game', 'dictionary', 'envs', 'exhibition', 'experiment/session', 'nn'],
    ...['stream/frame-codec', 'stream/history', 'stream/protocol', 'types:experiment'],
  ],
  // Runs compared and given away.
  catalogue: [
    ...['dictionary', 'experiment/atomic-file', 'experiment/checkpoint', 'experiment/done', 'experiment/trainer-mark'],
    ...['run/config/old-keys', 'run/config/settings-by-path'],
  ],
  crossplay: [
    'dictionary',
    'experiment/evaluate',
    'experiment/trainer',
    'run',
    'statistics/estimate',
    'types:agents',
    'types:envs',
    'types:experiment',
  ],
  report: ['dictionary', 'picture', 'statistics', 'text', 'types:envs'],
  reproduction: ['run/config/presets', 'settings', 'statistics', 'types:run'],
  export: [
    ...['agents', 'authoring/bundle', 'dictionary', 'experiment/atomic-file', 'experiment/safetensors', 'installation'],
    ...['nn', 'text'],
    ...['types:offline', 'wire'],
  ],
  // What commands do, as functions.
  api: [
    ...['authoring', 'catalogue', 'crossplay', 'dictionary', 'engine', 'envs', 'exhibition', 'experiment', 'export'],
    ...['installation', 'offline', 'picture', 'recording', 'render', 'report', 'run', 'serving', 'starting'],
    ...['statistics', 'sweep', 'text', 'types:agents'],
  ],
  // At the top.
  index: [
    'api',
    ...['analysis', 'maddpg', 'settings', 'rollout'],
    ...['agents', 'authoring', 'dictionary', 'engine', 'envs', 'exhibition', 'experiment', 'foxglove', 'nn', 'replay'],
    ...['grids', 'learning', 'run', 'serving', 'stream'],
  ],
  cli: [
    'api',
    ...['authoring', 'bench', 'catalogue', 'crossplay', 'dictionary', 'engine/carry-out', 'exhibition', 'export'],
    ...[
      'experiment/atomic-file',
      'experiment/disk-trouble',
      'experiment/done',
      'experiment/environment',
      'experiment/processor',
    ],
    ...[
      'experiment/evaluate',
      'experiment/presence',
      'experiment/trainer-mark',
      'index',
      'installation',
      'jobs',
      'live',
    ],
    ...[
      'offline',
      'picture',
      'recording',
      'remote',
      'render',
      'report',
      'reproduction',
      'run',
      'serving',
      'starting',
      'statistics',
    ],
    ...['sweep', 'text', 'types:agents', 'types:envs', 'types:experiment'],
  ],
  examples: ['index'],
}

/** Packages and Node modules that a room may import; rooms that are not named may import none. */
export const mayUse: Readonly<Record<string, readonly RegExp[]>> = {
  dictionary: [/^pure-rand/],
  settings: [/^zod$/],
  engine: [/^rxjs$/],
  actors: [/^rxjs$/],
  exhibition: [/^rxjs$/],
  experiment: [/^rxjs$/, /^immer$/, /^node:(fs|path|os|crypto|child_process)$/],
  tensorboard: [/^node:(fs|path)$/],
  catalogue: [/^hyparquet-writer$/, /^node:(fs|path)$/],
  crossplay: [/^rxjs$/],
  export: [/^esbuild$/, /^node:(fs|path|crypto|module|url)$/],
  picture: [/^@resvg\/resvg-js$/],
  recording: [/^rxjs$/, /^@mcap\/core$/, /^@foxglove\/(crc|wasm-zstd)$/, /^node:(fs|fs\/promises|path)$/],
  render: [/^gifenc$/, /^node:(module|child_process|events|fs)$/],
  api: [/^rxjs$/, /^node:(fs|os|path)$/],
  report: [/^node:crypto$/],
  foxglove: [/^rxjs$/, /^ws$/],
  stream: [/^rxjs$/, /^ws$/, /^node:(http|fs|path|stream|net|crypto|os|zlib)$/],
  installation: [/^node:(fs|path|url)$/],
  authoring: [
    ...[/^esbuild$/, /^rxjs$/, /^picocolors$/],
    /^node:(fs|path|url|os|module|crypto|worker_threads|inspector)$/,
  ],
  run: [...[/^node:url$/], /^rxjs$/, /^zod$/, /^yaml$/, /^@humanwhocodes\/momoa$/, /^node:(os|path|fs|crypto)$/],
  'run/actors': [/^node:(fs|os)$/],
  'run/threads': [/^node:(fs|url|inspector|worker_threads)$/],
  remote: [/^ioredis$/, /^node:(crypto|events|net|timers\/promises|tls)$/],
  'run/remote': [/^node:(crypto|fs|os|path|timers\/promises|worker_threads)$/],
  serving: [/^rxjs$/, /^node:(fs|os|path)$/],
  starting: [/^node:(fs|os|path)$/],
  jobs: [/^rxjs$/, /^zod$/, /^node:(fs|path|child_process)$/],
  sweep: [/^zod$/, /^bullmq$/, /^node:(fs|path|crypto|child_process|util)$/],
  live: [/^node:worker_threads$/],
  client: [/^rxjs$/, /^ws$/],
  viewer: [/^esbuild$/, /^rxjs$/, /^gifenc$/, /^uplot/, /^vite$/, /^node:(fs|module|path|url)$/],
  cli: [/^rxjs$/, /^commander$/, /^picocolors$/, /^cli-progress$/, /^cli-table3$/, /^node:/],
  'nn/simd': [/^node:worker_threads$/],
  'nn/simd/blas': [/^koffi$/, /^node:(fs|module|os|path)$/],
  'nn/tfjs': [/^@tensorflow\//],
  examples: [/^rxjs$/, /^marlstrom(\/client)?$/, /^node:/],
}
