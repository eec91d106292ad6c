raise RuntimeError("the flow's own file has to be used")
