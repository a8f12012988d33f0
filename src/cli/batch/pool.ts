/**
 * The worker threads of a batch. They share the chunks; the parts are returned in the order of the chunks.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { type BatchWorkerData, createChunkOpener, type Part, type WorkerMessage } from "./worker.ts";

/** Most chunks at a worker: one in work, and others queued, so that the worker is never idle. */
const CHUNKS_PER_WORKER = 3;

/** A part with its chunk's tag. The worker produces the next part of the same chunk only after `written()`. */
export interface PlacedPart<Tag> extends Part {
  readonly tag: Tag;
  written(): void;
}

export type TaggedChunks<Tag> = AsyncIterable<
  { readonly bytes: Uint8Array<ArrayBuffer>; readonly before: number; readonly tag: Tag }
>;

interface Thread {
  readonly worker: Worker;
  /** The chunks at this worker, in order. */
  readonly tasks: Task[];
}

interface Task {
  readonly thread: Thread;
  readonly tag: unknown;
  /** Parts that have arrived and are not yielded yet. */
  readonly parts: Part[];
}

/** Opens chunks on the calling thread. */
export async function* openHere<Tag>(
  chunks: TaggedChunks<Tag>,
  data: BatchWorkerData,
): AsyncGenerator<PlacedPart<Tag>> {
  const openChunk = createChunkOpener(data);
  for await (const { bytes, before, tag } of chunks) {
    for (const part of openChunk(bytes, before)) yield { ...part, tag, written() {} };
  }
}

/**
 * Opens chunks on worker threads.
 *
 * @param entry The module that the threads run; it calls `serve()`.
 * @param chunks The chunks, each with a tag for its parts. They are read only as fast as the workers need them.
 * @returns The parts of all chunks, in order, each as soon as it is complete.
 */
export async function* openOnThreads<Tag>(
  entry: URL,
  chunks: TaggedChunks<Tag>,
  jobs: number,
  data: BatchWorkerData,
): AsyncGenerator<PlacedPart<Tag>> {
  let failure: { readonly error: unknown } | undefined;
  let isAtEnd = false;
  let isStopped = false;
  const queue: Task[] = [];
  const { changed, notify } = createNotifier();
  const fail = (error: unknown) => {
    failure ??= { error };
    notify();
  };
  const threads = Array.from({ length: jobs }, () => startThread(entry, data, fail, notify));

  /** Sends chunks to the threads when these have room. */
  async function feed(): Promise<void> {
    for await (const { bytes, before, tag } of chunks) {
      const hasRoom = ({ tasks }: Thread) => tasks.length < CHUNKS_PER_WORKER;
      // Parts that are not yielded yet also count, because they use memory.
      while (!isStopped && (queue.length >= jobs * CHUNKS_PER_WORKER || !threads.some(hasRoom))) await changed();
      if (isStopped) return;
      const thread = threads.reduce((least, each) => each.tasks.length < least.tasks.length ? each : least);
      const task: Task = { thread, tag, parts: [] };
      thread.tasks.push(task);
      queue.push(task);
      send(thread, { chunk: bytes, before });
    }
  }

  feed().then(() => {
    isAtEnd = true;
    notify();
  }, fail);
  try {
    while (!isAtEnd || queue.length > 0) {
      if (failure !== undefined) throw failure.error;
      const [task] = queue;
      const part = task?.parts.shift();
      if (task === undefined || part === undefined) {
        await changed();
        continue;
      }
      if (part.isLast) queue.shift();
      // The tag of a task is its chunk's tag.
      yield { ...part, tag: task.tag as Tag, written: () => part.isLast || send(task.thread, "written") };
      notify();
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    isStopped = true;
    notify();
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}

/** `changed()` resolves at the next `notify()`. */
function createNotifier(): { changed(): Promise<void>; notify(): void } {
  let waiting: (() => void)[] = [];
  return {
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    notify() {
      const all = waiting;
      waiting = [];
      for (const resolve of all) resolve();
    },
  };
}

/** Without a limit, V8 lets the young generation of a busy thread grow for millions of rows. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 16 };

function startThread(entry: URL, data: BatchWorkerData, fail: (error: unknown) => void, notify: () => void): Thread {
  // Without `env`, Deno would copy all variables, and ask the user at a terminal for the permission to read them.
  const worker = new Worker(entry, { workerData: data, env: {}, resourceLimits: RESOURCE_LIMITS });
  const thread: Thread = { worker, tasks: [] };
  worker.on("message", (part: Part) => {
    const task = thread.tasks[0]!; // a worker sends parts only of the chunks that it received, in order
    if (part.isLast) thread.tasks.shift();
    task.parts.push(part);
    notify();
  });
  worker.on("error", fail);
  // Also after exit code 0: the chunks of the thread would never be complete. When the batch has ended, it is ignored.
  worker.on("exit", (code) => fail(new Error(`A worker thread ended with exit code ${code}`)));
  return thread;
}

function send({ worker }: Thread, message: WorkerMessage): void {
  worker.postMessage(message, message === "written" ? [] : [message.chunk.buffer]);
}
