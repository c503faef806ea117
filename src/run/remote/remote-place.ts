// Where actors on other machines meet a run: what a program says that asks for them.

/** Where actors find the run, and what its learner signs with. */
export interface RemoteActorsPlace {
  /** `rediss://user:password@host:port` */
  readonly url: string
  /** What all keys begin with. */
  readonly prefix: string
  /** The private key as PEM. */
  readonly key: string
}
