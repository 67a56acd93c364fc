// Tested in test/local/host/event-hub-owners.test.ts.
import { type CheckpointStore } from '@azure/event-hubs'

/**
 * The same store, telling of every partition that another owner turns out to hold. The client's own notice of a lost
 * partition comes only when it next reads, which is after a running batch, and by then its checkpoint would be wrong;
 * the ownership records are listed on every round of load balancing anyway.
 */
export function watchOwnership(
  store: CheckpointStore,
  ownerId: string,
  onOwnedByOther: (partitionId: string) => void,
): CheckpointStore {
  return {
    listOwnership: async (namespace, hub, group, options) => {
      const ownerships = await store.listOwnership(namespace, hub, group, options)
      for (const ownership of ownerships) {
        if (ownership.ownerId !== '' && ownership.ownerId !== ownerId) onOwnedByOther(ownership.partitionId)
      }
      return ownerships
    },
    claimOwnership: (ownerships, options) => store.claimOwnership(ownerships, options),
    listCheckpoints: (namespace, hub, group, options) => store.listCheckpoints(namespace, hub, group, options),
    updateCheckpoint: (checkpoint, options) => store.updateCheckpoint(checkpoint, options),
  }
}
