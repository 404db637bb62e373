// libtorch has one random generator and the stand-in one counter for the process: tests that use them take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
