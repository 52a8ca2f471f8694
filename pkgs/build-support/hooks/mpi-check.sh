# Open MPI in a sandbox: several processes on the cores that there are, and on this machine alone.
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=node:oversubscribe
export OMPI_MCA_plm=isolated OMPI_MCA_btl=self,vader
