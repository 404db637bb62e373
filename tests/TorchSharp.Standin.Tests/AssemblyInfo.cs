// Seeds, the dispose scopes' statistics and the count of living tensors belong to the process: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
