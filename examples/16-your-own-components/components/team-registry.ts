import type { ContainerRegistry } from 'flowyml/stacks';

/** A registry whose password comes from a variable: asked for when an image is pushed, and kept nowhere. */
export default function teamRegistry({ host = '' }: { host?: string }): ContainerRegistry {
  return {
    uri: host,
    async credentials() {
      const { TEAM_REGISTRY_TOKEN } = process.env;
      return TEAM_REGISTRY_TOKEN ? { username: 'team', password: TEAM_REGISTRY_TOKEN } : undefined;
    },
  };
}
