// PythonWorkers
