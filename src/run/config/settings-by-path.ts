// Settings by path: `learner.gamma`, `team.agent.gamma`.

/** All settings by path; who plays a team is `team.agent`, however it was given. */
export function settingsByPath(
  config: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Map<string, unknown> {
  return new Map(
    Object.entries(config).flatMap(([section, keys]) =>
      Object.entries(keys).flatMap(([key, value]): [string, unknown][] => {
        const path = `${section}.${key}`
        if (section !== 'team' || typeof value !== 'object' || value === null) return [[path, value]]
        return Object.entries(value).map(([name, own]) => [name === 'algorithm' ? path : `${path}.${name}`, own])
      }),
    ),
  )
}
