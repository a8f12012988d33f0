/**
 * A queue of marks, ordered by expiry: a binary heap from which any mark can be removed.
 *
 * @module
 */

/** A remembered id. */
export interface Mark {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: number;
  /** The mark's place in the heap. Only the queue sets it. */
  position: number;
}

/** Marks, earliest expiry first. */
export interface ExpiryQueue {
  /** The mark that expires first. */
  first(): Mark | undefined;
  insert(mark: Mark): void;
  /** Removes a mark that is in the queue. */
  remove(mark: Mark): void;
}

/** Creates an empty queue. */
export function createExpiryQueue(): ExpiryQueue {
  // No mark expires before its parent, the mark at `(position - 1) >> 1`.
  const heap: Mark[] = [];

  function put(mark: Mark, position: number): void {
    heap[position] = mark;
    mark.position = position;
  }

  /** Puts `mark` at `position` or above, where its parent does not expire later. */
  function rise(mark: Mark, position: number): void {
    while (position > 0) {
      const parent = heap[(position - 1) >> 1]!; // position > 0
      if (parent.expiresAt <= mark.expiresAt) break;
      put(parent, position);
      position = (position - 1) >> 1;
    }
    put(mark, position);
  }

  /** Puts `mark` at `position` or below, where its children do not expire earlier. */
  function sink(mark: Mark, position: number): void {
    for (let child = 2 * position + 1; child < heap.length; child = 2 * position + 1) {
      // Both children are checked to exist.
      if (child + 1 < heap.length && heap[child + 1]!.expiresAt < heap[child]!.expiresAt) child++;
      if (heap[child]!.expiresAt >= mark.expiresAt) break;
      put(heap[child]!, position);
      position = child;
    }
    put(mark, position);
  }

  return {
    first: () => heap[0],
    insert: (mark) => rise(mark, heap.length),
    remove: (mark) => {
      const last = heap.pop()!; // `mark` is in the heap
      if (last === mark) return;
      if (last.expiresAt < mark.expiresAt) rise(last, mark.position);
      else sink(last, mark.position);
    },
  };
}
