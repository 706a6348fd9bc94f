import protobuf from 'protobufjs/light.js';

/** What BuildKit tells of a build as it goes on. Only the fields that we read. */
export interface BuildStatus {
  vertexes: Vertex[];
  logs: { vertex: string; msg: Uint8Array }[];
}

/** One step of a build. */
export interface Vertex {
  digest: string;
  /** `[stage 2/5] RUN npm ci` */
  name: string;
  cached: boolean;
  started: object | null;
  completed: object | null;
  error: string;
}

// Field numbers of moby.buildkit.v1.StatusResponse, in BuildKit's api/services/control/control.proto.
const { root } = protobuf.Root.fromJSON({
  nested: {
    Time: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        cached: { type: 'bool', id: 4 },
        started: { type: 'Time', id: 5 },
        completed: { type: 'Time', id: 6 },
        error: { type: 'string', id: 7 },
      },
    },
    Log: { fields: { vertex: { type: 'string', id: 1 }, msg: { type: 'bytes', id: 4 } } },
    Status: { fields: { vertexes: { rule: 'repeated', type: 'Vertex', id: 1 }, logs: { rule: 'repeated', type: 'Log', id: 3 } } },
  },
});
const Status = root.lookupType('Status');

/** @param aux of a message whose id is `moby.buildkit.trace`: base64 */
export const decodeStatus = (aux: string) => Status.decode(Buffer.from(aux, 'base64')) as unknown as BuildStatus;
