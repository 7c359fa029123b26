"""Where runs are executed: by the worker of this machine, or in the calling process."""
