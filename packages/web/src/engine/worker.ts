/** Entry of the worker: the engine behind its protocol. */
export {};
